from __future__ import annotations

import contextlib
import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.runners.python.frames import (
    MAX_FRAME,
    MAX_HEADER,
    PIECE,
    Assembler,
    FrameReader,
    Header,
    ProtocolError,
    encode_frame,
    encode_pieces,
)

Frames = list[tuple[Header, bytes]]


def read(*chunks: bytes) -> Frames:
    frames: Frames = []
    reader = FrameReader()
    for chunk in chunks:
        reader.feed(chunk, lambda header, payload: frames.append((header, payload)))
    return frames


def raw(size: int, head: int, rest: bytes = b"") -> bytes:
    return size.to_bytes(4, "big") + head.to_bytes(4, "big") + rest


class FrameTests(SynchronousTestCase):
    def test_a_frame_as_the_page_shows_it(self) -> None:
        self.assertEqual(encode_frame({"op": "x"}, b"ab"), raw(16, 10, b'{"op":"x"}ab'))

    @given(st.lists(st.tuples(st.integers(), st.binary(max_size=50))), st.data())
    def test_frames_are_found_in_any_cuts(
        self, given: list[tuple[int, bytes]], data: st.DataObject
    ) -> None:
        sent = [({"op": "call", "x": number}, payload) for number, payload in given]
        stream = b"".join(encode_frame(header, payload) for header, payload in sent)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
        edges = [0, *cuts, len(stream)]
        chunks = [stream[a:b] for a, b in pairwise(edges)]
        self.assertEqual(read(*chunks), sent)

    def test_impossible_lengths_are_refused_before_the_rest_comes(self) -> None:
        for size, head in ((MAX_FRAME + 1, 2), (MAX_HEADER + 5, MAX_HEADER + 1), (3, 0), (5, 2)):
            self.assertRaises(ProtocolError, read, raw(size, head))

    def test_headers_that_are_none_are_refused(self) -> None:
        deep = b"[" * 30000
        ids = [b'{"op":"x","id":%s}' % each for each in (b"0", b"null", b"[]", b"1.5", b'"1"')]
        for text in (b"", b"{", b"[]", b"1", b"{}", b'{"op":1}', b"\xff\xff", deep, *ids):
            self.assertRaises(ProtocolError, read, raw(4 + len(text), len(text), text))

    @given(st.binary())
    def test_junk_raises_nothing_else(self, junk: bytes) -> None:
        with contextlib.suppress(ProtocolError):
            read(junk)


class PieceTests(SynchronousTestCase):
    def pieces(self, size: int) -> Frames:
        header = {"op": "result", "id": 7, "type": "bytes"}
        return read(*encode_pieces(header, bytes(size)))

    def test_what_fits_is_one_frame(self) -> None:
        for size in (0, 1, PIECE):
            ((header, payload),) = self.pieces(size)
            self.assertEqual(header, {"op": "result", "id": 7, "type": "bytes"})
            self.assertEqual(len(payload), size)

    def test_the_first_carries_the_header(self) -> None:
        frames = self.pieces(2 * PIECE + 1)
        self.assertEqual(
            [header for header, _ in frames],
            [
                {"op": "result", "id": 7, "type": "bytes", "more": True},
                {"op": "result", "id": 7, "more": True},
                {"op": "result", "id": 7},
            ],
        )
        self.assertEqual([len(payload) for _, payload in frames], [PIECE, PIECE, 1])

    def test_without_an_id(self) -> None:
        frames = read(*encode_pieces({"op": "watch"}, bytes(PIECE + 1)))
        self.assertEqual(
            [header for header, _ in frames], [{"op": "watch", "more": True}, {"op": "watch"}]
        )


def call(number: int = 1, **more: Any) -> Header:
    return {"op": "call", "id": number, **more}


class AssemblerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.assembler = Assembler(10)

    def test_whole_messages_pass(self) -> None:
        self.assertEqual(self.assembler.add(call(), b"x"), (call(), b"x"))
        self.assertEqual(self.assembler.add({"op": "stop"}, b""), ({"op": "stop"}, b""))

    def test_pieces_are_joined_by_number(self) -> None:
        self.assertIsNone(self.assembler.add(call(1, function="f", more=True), b"a"))
        self.assertIsNone(self.assembler.add(call(2, more=True), b"c"))
        self.assertEqual(
            self.assembler.add(call(1), b"b"), (call(1, function="f", more=True), b"ab")
        )
        self.assertEqual(self.assembler.add(call(2), b""), (call(2, more=True), b"c"))

    def test_a_cancel_may_come_between(self) -> None:
        self.assembler.add(call(1, more=True), b"a")
        cancel = {"op": "cancel", "id": 1}
        self.assertEqual(self.assembler.add(cancel, b""), (cancel, b""))

    def test_the_limit(self) -> None:
        self.assertRaises(ProtocolError, self.assembler.add, call(), bytes(11))
        self.assembler.add(call(2, more=True), bytes(6))
        self.assertRaises(ProtocolError, self.assembler.add, call(2), bytes(5))

    def test_what_is_refused(self) -> None:
        self.assertRaises(ProtocolError, self.assembler.add, {"op": "stop", "more": True}, b"x")
        self.assertRaises(ProtocolError, self.assembler.add, call(more=True), b"")
        self.assertRaises(ProtocolError, self.assembler.add, {"op": "call"}, b"")

    def test_a_dropped_call_is_swallowed_to_its_last_piece(self) -> None:
        self.assertFalse(self.assembler.drop(1))
        self.assembler.add(call(more=True), b"a")
        self.assertTrue(self.assembler.drop(1))
        self.assertFalse(self.assembler.drop(1))
        self.assertIsNone(self.assembler.add(call(more=True), bytes(20)))
        self.assertIsNone(self.assembler.add(call(), b""))
        self.assertEqual(self.assembler.add(call(), b"n"), (call(), b"n"))


class AgreementTests(SynchronousTestCase):
    @given(st.dictionaries(st.text(), st.integers() | st.text()), st.binary())
    def test_the_daemons_codec_writes_the_same(self, more: dict[str, Any], payload: bytes) -> None:
        from hangerd.hosts import wire

        header = {**more, "op": "result", "id": 2**53 - 1, "more": False}
        ((theirs, body),) = read(wire.encode(header, payload))
        self.assertEqual((theirs, body), (json.loads(json.dumps(header)), payload))
        (frame,) = wire.Decoder().feed(encode_frame(header, payload))
        self.assertEqual((dict(frame.header), frame.payload), (header, payload))
