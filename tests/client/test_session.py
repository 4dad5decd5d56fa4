"""Tests of `hangerd.client.session`: frames in, answers out."""

from __future__ import annotations

import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.session import Exchange, Session
from hangerd.hosts.errors import WireError
from hangerd.hosts.faults import Fault
from hangerd.hosts.wire import PIECE, Assembler, Decoder, Frame, encode, encode_message


def frames(data: bytes) -> list[dict[str, Any]]:
    return [dict(frame.header) for frame in Decoder().feed(data)]


class SessionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.session = Session({})

    def enter(self) -> None:
        self.session.feed(encode({"op": "welcome", "protocol": 1}))

    def call(self) -> Exchange:
        return self.session.begin({"op": "call", "function": "f"})[0]

    def test_it_greets_with_what_it_was_told(self) -> None:
        self.assertEqual(
            frames(Session({"ticket": "t"}).greeting),
            [{"op": "hello", "protocol": 1, "ticket": "t"}],
        )

    def test_it_is_ready_when_let_in(self) -> None:
        self.assertFalse(self.session.ready)
        self.enter()
        self.assertTrue(self.session.ready)
        self.assertIsNone(self.session.fault)

    def test_it_is_ready_when_refused(self) -> None:
        fault = Fault("denied", "D", "x")
        self.session.feed(encode({"op": "fault", "code": "denied"}, fault.payload()))
        self.assertTrue(self.session.ready)
        self.assertEqual(self.session.fault, fault)

    def test_a_call_and_its_result(self) -> None:
        exchange, data = self.session.begin({"op": "call", "function": "f"}, b"[1]")
        self.assertEqual(frames(b"".join(data)), [{"op": "call", "function": "f", "id": 1}])
        self.assertFalse(exchange.ready)
        self.session.feed(encode({"op": "result", "id": 1}, b"2"))
        self.assertTrue(exchange.ready)
        self.assertTrue(exchange.over)
        found = exchange.came.popleft()
        assert isinstance(found, Frame)
        self.assertEqual(found.payload, b"2")

    def test_answers_go_to_their_calls_in_any_order(self) -> None:
        first, second = self.call(), self.call()
        for number in (2, 1):
            self.session.feed(encode({"op": "result", "id": number}, b"%d" % number))
        told = [one.came[0] for one in (first, second)]
        self.assertEqual([one.payload for one in told if isinstance(one, Frame)], [b"1", b"2"])

    def test_a_large_payload_goes_in_pieces_and_comes_in_pieces(self) -> None:
        payload = bytes(PIECE + 1)
        exchange, data = self.session.begin({"op": "call"}, payload)
        put = Assembler()
        whole = [put.add(frame) for frame in Decoder().feed(b"".join(data))]
        self.assertEqual([one.payload for one in whole if one], [payload])
        for piece in encode_message({"op": "result", "id": 1, "type": "bytes"}, payload):
            self.assertFalse(exchange.over)
            self.session.feed(piece)
        found = exchange.came[0]
        assert isinstance(found, Frame)
        self.assertEqual((found.payload, found.header["type"]), (payload, "bytes"))

    def test_a_fault_carries_all_that_was_said(self) -> None:
        exchange = self.call()
        fault = Fault("died", "E", "m", "s", {"type": "C"}, "h", 2, "signal 9", "tail", 1.0)
        said = {**fault.as_json(), "code": "not this"}
        header = {"op": "fault", "id": 1, "code": "died"}
        self.session.feed(encode(header, json.dumps(said).encode()))
        self.assertEqual(exchange.came[0], fault)

    def test_what_comes_late_is_dropped(self) -> None:
        exchange = self.call()
        self.assertEqual(
            frames(self.session.cancel(exchange, "timeout")),
            [{"op": "cancel", "id": 1, "reason": "timeout"}],
        )
        self.session.feed(encode({"op": "result", "id": 1}, b"1"))
        self.assertFalse(exchange.came)
        self.assertEqual(self.session.cancel(exchange, "again"), b"")

    def test_credit_is_given_while_a_stream_goes_on(self) -> None:
        exchange = self.call()
        self.session.feed(encode({"op": "item", "id": 1}, b"1"))
        self.assertFalse(exchange.over)
        self.assertEqual(
            frames(self.session.credit(exchange, 5)), [{"op": "credit", "id": 1, "items": 5}]
        )
        self.session.feed(encode({"op": "end", "id": 1}))
        self.assertTrue(exchange.over)
        self.assertEqual(self.session.credit(exchange, 5), b"")

    def test_the_end_of_the_connection_ends_every_exchange(self) -> None:
        exchange = self.call()
        woken = []
        exchange.wake = lambda: woken.append(True)
        self.session.lost("gone")
        found = exchange.came[0]
        assert isinstance(found, Fault)
        self.assertEqual((found.code, found.message, woken), ("died", "gone", [True]))
        later, data = self.session.begin({"op": "call"})
        self.assertEqual((later.over, list(data)), (True, []))
        self.assertEqual(self.session.release(later), b"")

    def test_an_end_with_something_unread_tells_it_of_what_was_written_last(self) -> None:
        session = Session({}, unread="stopping")
        first, last = (session.begin({"op": "call"})[0] for _ in range(2))
        session.lost("reset", unread=True)
        told = [
            found.code for one in (first, last) for found in one.came if isinstance(found, Fault)
        ]
        self.assertEqual(told, ["died", "stopping"])

    def test_what_was_written_last_need_not_be_a_call(self) -> None:
        session = Session({}, unread="stopping")
        first, second = (session.begin({"op": "call"})[0] for _ in range(2))
        session.cancel(second, "gone")
        session.lost("reset", unread=True)
        self.assertEqual([one.code for one in first.came if isinstance(one, Fault)], ["died"])

    def test_a_drain_is_noted(self) -> None:
        self.session.feed(encode({"op": "drain"}))
        self.assertTrue(self.session.draining)

    def test_what_belongs_nowhere_is_an_error(self) -> None:
        with self.assertRaises(WireError):
            self.session.feed(encode({"op": "result"}, b"1"))

    def test_a_lease_is_released_by_its_number(self) -> None:
        exchange = self.call()
        self.assertEqual(frames(self.session.release(exchange)), [{"op": "release", "id": 1}])
