"""The codec: any cut of the bytes gives the same frames, and garbage gives WireError alone."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts import wire
from hangerd.hosts.errors import WireError
from hangerd.hosts.wire import Assembler, Decoder, Frame, encode, encode_message

headers = st.fixed_dictionaries(
    {"op": st.sampled_from(["call", "result", "item"])},
    optional={
        "id": st.integers(1, wire.MAX_ID),
        "function": st.text(max_size=20),
        "timeout": st.floats(0, 1e6),
    },
)
frames = st.builds(Frame, headers, st.binary(max_size=300))


def decode(data: bytes, cuts: Iterable[int] = ()) -> tuple[list[Frame], str]:
    """Return the frames and, when it ended badly, the error's text."""
    decoder = Decoder()
    found: list[Frame] = []
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    try:
        for start, end in pairwise(edges):
            found.extend(decoder.feed(data[start:end]))
    except WireError as error:
        return found, str(error)
    return found, ""


def raw(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack("!II", 4 + len(header) + len(payload), len(header)) + header + payload


class Frames(SynchronousTestCase):
    """Bytes to frames and back."""

    @given(st.lists(frames, max_size=6), st.lists(st.integers(0, 2500), max_size=12))
    def test_any_cut_gives_the_same_frames(self, sent: list[Frame], cuts: list[int]) -> None:
        data = b"".join(encode(frame.header, frame.payload) for frame in sent)
        self.assertEqual(decode(data, cuts), (sent, ""))

    @given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
    def test_garbage_is_a_wire_error_or_nothing(self, data: bytes, cuts: list[int]) -> None:
        self.assertEqual(decode(data, cuts), decode(data))

    @given(
        st.lists(frames, min_size=1, max_size=4),
        st.integers(0, 2000),
        st.integers(0, 255),
        st.lists(st.integers(0, 2500), max_size=6),
    )
    def test_a_flipped_byte_never_depends_on_the_cuts(
        self, sent: list[Frame], at: int, value: int, cuts: list[int]
    ) -> None:
        data = bytearray(b"".join(encode(frame.header, frame.payload) for frame in sent))
        data[at % len(data)] = value
        self.assertEqual(decode(bytes(data), cuts), decode(bytes(data)))

    @given(st.recursive(st.none() | st.booleans() | st.text(), st.lists, max_leaves=5))
    def test_a_header_is_an_object_with_an_op(self, value: Any) -> None:
        self.assertIn("JSON object", decode(raw(json.dumps(value).encode()))[1])

    def test_bad_headers(self) -> None:
        cases = [
            b"",
            b"{",
            b"\xff",
            b'{"op":1}',
            b'{"op":"call","id":0}',
            b'{"op":"call","id":true}',
            b'{"op":"call","id":1.0}',
            b'{"op":"call","id":"1"}',
            b'{"op":"call","id":9007199254740992}',
            b'{"op":"call","more":1}',
            b"[" * 60000,
            b'{"op":"call","id":' + b"9" * 5000 + b"}",
        ]
        for header in cases:
            found, error = decode(raw(header))
            self.assertEqual((found, bool(error)), ([], True), header[:40])

    def test_impossible_lengths_are_refused_before_their_bytes_come(self) -> None:
        for lengths in [
            (wire.MAX_FRAME + 1, 10),
            (100, 97),
            (3, 0),
            (wire.MAX_HEADER + 50, wire.MAX_HEADER + 1),
        ]:
            self.assertIn("impossible", decode(struct.pack("!II", *lengths))[1])

    def test_a_smaller_limit(self) -> None:
        decoder = Decoder(max_frame=20)
        self.assertRaises(WireError, list, decoder.feed(encode({"op": "ping"}, b"x" * 20)))

    def test_good_frames_before_a_bad_one_are_delivered_and_it_stays_broken(self) -> None:
        decoder = Decoder()
        found = []
        with self.assertRaises(WireError):
            for frame in decoder.feed(encode({"op": "ping", "id": 3}) + raw(b"[]")):
                found.append(frame.id)  # noqa: PERF401 - the loop raises
        self.assertEqual(found, [3])
        self.assertRaises(WireError, list, decoder.feed(encode({"op": "ping"})))

    def test_the_largest_frame_and_one_byte_more(self) -> None:
        room = wire.MAX_FRAME - 4 - len(b'{"op":"item"}')
        data = encode({"op": "item"}, bytes(room))
        self.assertEqual(len(decode(data)[0][0].payload), room)
        self.assertRaises(WireError, encode, {"op": "item"}, bytes(room + 1))

    def test_headers_that_cannot_be_sent(self) -> None:
        for value in (object(), "\ud800", "x" * wire.MAX_HEADER):
            self.assertRaises(WireError, encode, {"op": "call", "x": value})

    def test_json_payloads(self) -> None:
        self.assertEqual(wire.parse_json(wire.json_payload({"ä": [1, None]})), {"ä": [1, None]})
        self.assertEqual(wire.json_payload([float("nan")]), b"[null]")
        for bad in (b"", b"{", b"\xff", b"NaN", b"[Infinity]", b"[" * 100000):
            self.assertRaises(WireError, wire.parse_json, bad)


class Pieces(SynchronousTestCase):
    """Messages larger than a piece."""

    def assemble(self, data: bytes, limit: int = wire.MAX_MESSAGE) -> list[Frame]:
        assembler = Assembler(limit)
        whole = [assembler.add(frame) for frame in decode(data)[0]]
        return [message for message in whole if message is not None]

    @given(st.integers(0, 4), st.sampled_from([-1, 0, 1]))
    def test_every_size_round_the_edges_comes_back(self, count: int, off: int) -> None:
        payload = bytes(max(0, count * wire.PIECE + off))
        header = {"op": "result", "id": 5, "type": "bytes"}
        sent = list(encode_message(header, payload))
        self.assertEqual(len(sent), max(1, -(-len(payload) // wire.PIECE)))
        self.assertEqual(self.assemble(b"".join(sent)), [Frame(header, payload)])

    @given(st.randoms(use_true_random=False))
    def test_messages_mix_and_each_stays_in_order(self, random: Any) -> None:
        sent = {
            number: [
                encode({"op": "item", "id": number, "more": part < 3}, b"%d" % part)
                for part in range(4)
            ]
            for number in (1, 2, 3)
        }
        data = b""
        while waiting := [number for number, parts in sent.items() if parts]:
            data += sent[random.choice(waiting)].pop(0)
        found = self.assemble(data)
        self.assertEqual({frame.id: frame.payload for frame in found}, dict.fromkeys(sent, b"0123"))

    def test_the_first_piece_has_the_header_and_ops_without_id_come_too(self) -> None:
        data = encode({"op": "ready", "more": True, "a": 1}, b"x") + encode({"op": "ready"}, b"y")
        self.assertEqual(self.assemble(data), [Frame({"op": "ready", "a": 1}, b"xy")])

    def test_refused(self) -> None:
        item = {"op": "item", "id": 1, "more": True}
        cases: list[list[Frame]] = [
            [Frame({"op": "ping", "id": 1, "more": True}, b"x")],
            [Frame(item)],
            [Frame(item, b"x"), Frame({"op": "result", "id": 1})],
            [Frame(item, b"x" * 60), Frame(item, b"x" * 41)],
        ]
        for case in cases:
            assembler = Assembler(100)
            self.assertRaises(WireError, lambda a=assembler, c=case: [a.add(frame) for frame in c])

    def test_a_fault_cuts_off_what_was_begun(self) -> None:
        begun = encode({"op": "result", "id": 1, "more": True}, b"x")
        fault = {"op": "fault", "id": 1, "code": "timeout"}
        whole = self.assemble(begun + encode(fault, b"y"))
        self.assertEqual(whole, [Frame(fault, b"y")])
        parts = encode({**fault, "more": True}, b"y") + encode(fault, b"z")
        self.assertEqual(self.assemble(begun + parts), [Frame(fault, b"yz")])

    def test_dropped_pieces_are_forgotten(self) -> None:
        assembler = Assembler()
        assembler.add(Frame({"op": "call", "id": 1, "more": True}, b"x"))
        assembler.drop(1)
        last = Frame({"op": "call", "id": 1}, b"y")
        self.assertEqual(assembler.add(last), last)

    def test_fifty_megabytes_cost_about_ten_times_five(self) -> None:
        def seconds(size: int) -> float:
            data = b"".join(encode_message({"op": "result", "id": 1}, bytes(size)))
            decoder, assembler = Decoder(), Assembler()
            began = time.process_time()
            for at in range(0, len(data), 65536):
                for frame in decoder.feed(data[at : at + 65536]):
                    assembler.add(frame)
            return time.process_time() - began

        self.assertLess(best(seconds, 50_000_000), 40 * best(seconds, 5_000_000) + 0.05)


def best(measure: Callable[[int], float], size: int) -> float:
    return min(measure(size) for _ in range(3))
