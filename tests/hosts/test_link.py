"""The daemon's end of an instance's socket, and a single call on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import Clock
from twisted.internet.tcp import Server
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from hangerd.hosts.calls import HELD, Call, Request
from hangerd.hosts.faults import Fault
from hangerd.hosts.link import Link
from hangerd.hosts.roles import Listener
from hangerd.hosts.sending import Reading
from hangerd.hosts.wire import PIECE, Decoder, Frame, encode, encode_message
from hangerd.timetable import Timetable
from tests.hosts.fakes import Pipe


class Owner:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.listeners: list[Listener] = []
        self.unread: list[Listener] = []

    def link_ready(self, said: Mapping[str, Any]) -> None:
        self.told.append(("ready", said))

    def link_watch(self, paths: list[str]) -> None:
        self.told.append(("watch", paths))

    def link_fault(self, code: object, payload: bytes) -> None:
        self.told.append(("fault", code))

    def link_direct(self, connections: int, calls: int) -> None:
        self.told.append(("direct", (connections, calls)))

    def link_draining(self) -> None:
        self.told.append(("draining", None))

    def link_call_ended(self) -> None:
        self.told.append(("ended", None))

    def link_call_hung(self, reason: str) -> None:
        self.told.append(("hung", reason))

    def link_lost(self, reason: str, lost: list[Listener], unread: list[Listener]) -> None:
        self.told.append(("lost", len(lost)))
        self.listeners = lost
        self.unread = unread


class Caller:
    """Keeps what a call gives."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.faults: list[Fault] = []

    def answered(self, frame: Frame) -> None:
        self.frames.append(frame)

    def failed(self, fault: Fault) -> None:
        self.faults.append(fault)


class Place:
    def __init__(self, link: Link) -> None:
        self.number = 7
        self.link = link


@implementer(IPushProducer)
class Source:
    """Counts its pauses."""

    paused = 0

    def pauseProducing(self) -> None:
        self.paused += 1

    def resumeProducing(self) -> None:
        self.paused -= 1

    def stopProducing(self) -> None:
        raise AssertionError


class LinkCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.owner = Owner()
        self.link = Link(self.owner, self.clock, 1.0, Reading())
        self.pipe = Pipe()
        self.link.makeConnection(self.pipe)
        self.overs: list[str | None] = []
        self.agains: list[Call] = []

    def sent(self) -> list[Frame]:
        frames = list(Decoder().feed(self.pipe.value()))
        self.pipe.clear()
        return frames

    def come(self, op: str, payload: bytes = b"", **header: Any) -> None:
        for data in encode_message({"op": op, **header}, payload):
            self.link.dataReceived(data)

    def begin(self, **request: Any) -> tuple[Call, Caller]:
        caller = Caller()
        made = Request("f", **{"timeout": None, **request})
        call = Call("work", made, caller, Timetable(self.clock), self.over, self.agains.append)
        return call, caller

    def over(self, call: Call, seconds: float, fault: Fault | None) -> None:
        self.overs.append(fault.code if fault else None)


class Links(LinkCase):
    def test_what_concerns_the_instance_reaches_its_owner(self) -> None:
        self.come("ready", b'{"functions":[]}')
        self.come("watch", b'["/a", 5]')
        self.come("direct", connections=1, calls=2)
        self.come("drain")
        self.come("ping", id=4)
        self.come("fault", b"{}", code="crash")
        self.assertEqual(
            self.owner.told,
            [
                ("ready", {"functions": []}),
                ("watch", ["/a"]),
                ("direct", (1, 2)),
                ("draining", None),
                ("fault", "crash"),
            ],
        )
        self.assertEqual([frame.op for frame in self.sent()], ["pong"])

    def test_a_ready_in_pieces_is_put_together(self) -> None:
        paths = b'{"watch":["' + b"x" * PIECE + b'"]}'
        self.come("ready", paths)
        self.assertEqual(len(self.owner.told[0][1]["watch"][0]), PIECE)

    def test_whatever_breaks_the_protocol_ends_the_connection(self) -> None:
        for data in (
            b"\xff" * 8,
            encode({"op": "call", "id": 1}),
            encode({"op": "result", "id": 99}),
            encode({"op": "item"}),
            encode({"op": "ready"}, b"[]"),
            encode({"op": "watch"}, b"{}"),
            encode({"op": "ready"}, b"nonsense"),
            encode({"op": "direct", "connections": "many"}),
        ):
            self.setUp()
            self.link.dataReceived(data)
            self.assertTrue(self.pipe.disconnected, data)
            self.assertEqual(self.owner.told[-1], ("fault", "crash"))

    def test_pings_are_timed_and_forgotten(self) -> None:
        answered = self.link.ping()
        self.clock.advance(0.25)
        self.come("pong", id=1)
        self.assertEqual(self.successResultOf(answered), 0.25)
        self.come("pong", id=1)
        lost = self.link.ping()
        self.link.connectionLost(Failure(ConnectionDone()))
        self.failureResultOf(lost)
        self.link.close()
        self.link.send({"op": "stop"})
        self.assertEqual(self.owner.told[-1], ("lost", 0))

    def test_several_may_hold_its_reading(self) -> None:
        self.link.hold("a")
        self.link.hold("b")
        self.assertEqual(self.pipe.paused, 1)
        self.link.release("a")
        self.assertEqual(self.pipe.paused, 1)
        self.link.release("b")
        self.assertEqual(self.pipe.paused, 0)


class Calls(LinkCase):
    def test_answers_come_in_pieces_and_end_it_once(self) -> None:
        call, caller = self.begin(type="bytes", passing="arguments", accept="pickle", window=3)
        self.assertTrue(call.waiting)
        call.send_to(Place(self.link))
        header = self.sent()[0].header
        self.assertEqual(
            {name: header[name] for name in ("type", "as", "accept", "window", "timeout")},
            {
                "type": "bytes",
                "as": "arguments",
                "accept": "pickle",
                "window": 3,
                "timeout": None,
            },
        )
        self.come("result", bytes(PIECE + 1), id=1)
        self.come("result", b"again", id=1)
        self.assertEqual([frame.more for frame in caller.frames], [True, False])
        self.assertEqual(self.overs, [None])
        self.assertEqual(self.owner.told, [("ended", None)])
        call.cancel()
        call.fail(Fault("x", "X", "x"))
        call.credit(5)
        self.assertEqual((self.overs, self.sent()), ([None], []))

    def test_faults_are_read_even_in_pieces_or_broken(self) -> None:
        for payload, words in ((b'{"type":"E","message":"m"}', "m"), (b"[]", "unreadable")):
            call, caller = self.begin()
            call.send_to(Place(self.link))
            number = self.sent()[0].id
            half = len(payload) // 2
            head = {"id": number, "code": "function"}
            self.link.dataReceived(encode({"op": "fault", **head, "more": True}, payload[:half]))
            self.link.dataReceived(encode({"op": "fault", **head}, payload[half:]))
            self.assertIn(words, caller.faults[0].message)
            self.assertEqual((caller.faults[0].host, caller.faults[0].instance), ("work", 7))

    def test_a_payload_in_pieces_before_and_after_it_is_sent(self) -> None:
        call, _ = self.begin(payload=b"1", more=True)
        call.add(b"2", more=True)
        call.send_to(Place(self.link))
        call.add(b"3", more=False)
        call.add(b"4", more=False)
        sent = self.sent()
        self.assertEqual([frame.payload for frame in sent], [b"1", b"2", b"3"])
        self.assertEqual([frame.more for frame in sent], [True, True, False])
        self.assertEqual(sent[0].header["function"], "f")

    def test_a_sender_is_paused_while_the_call_waits_or_the_connection_is_full(self) -> None:
        call, _ = self.begin(payload=b"1", more=True)
        source = Source()
        call.feed_from(source)
        call.add(bytes(HELD), more=True)
        call.add(b"2", more=True)
        self.assertEqual(source.paused, 1)
        call.send_to(Place(self.link))
        self.assertEqual(source.paused, 0)
        self.link.pauseProducing()
        self.assertEqual(source.paused, 1)
        self.link.pauseProducing()  # Twisted's transports ask at each write
        self.assertEqual(source.paused, 1)
        self.link.resumeProducing()
        self.assertEqual(source.paused, 0)
        self.link.pauseProducing()
        self.assertEqual(source.paused, 1)
        call.cancel("gone")
        self.assertEqual(source.paused, 0)
        cancel, last = self.sent()[-2:]
        self.assertEqual((cancel.op, cancel.header["reason"]), ("cancel", "gone"))
        self.assertEqual((last.op, last.more, last.payload), ("call", False, b""))

    def test_a_full_connection_pauses_whoever_begins(self) -> None:
        self.link.pauseProducing()
        call, _ = self.begin(payload=b"1", more=True)
        call.send_to(Place(self.link))
        source = Source()
        call.feed_from(source)
        self.assertEqual(source.paused, 1)
        self.come("result", b"1", id=1)
        self.assertEqual(source.paused, 0)
        self.link.stopProducing()

    def test_a_waiting_call_that_is_given_up_lets_its_sender_go_on(self) -> None:
        call, _ = self.begin(payload=b"1", more=True)
        source = Source()
        call.feed_from(source)
        call.add(bytes(HELD + 1), more=True)
        call.cancel()
        self.assertEqual((source.paused, self.overs), (0, ["cancelled"]))
        call.add(b"3", more=False)
        self.assertIsNone(call.hold_answers(self))

    def test_a_cancelled_call_must_end_in_time(self) -> None:
        call, caller = self.begin()
        call.send_to(Place(self.link))
        call.cancel()
        self.assertFalse(self.link.has_room(2))
        self.clock.advance(0.9)
        self.come("fault", b"{}", id=1, code="cancelled")
        self.assertEqual((caller.faults, self.link.in_flight), ([], 0))
        self.assertTrue(self.link.has_room(1))
        self.clock.advance(1.0)
        self.assertNotIn(("hung", "cancelled"), self.owner.told)
        call, _ = self.begin()
        call.send_to(Place(self.link))
        call.cancel("gone")
        self.come("item", b"1", id=2)
        self.clock.advance(1.0)
        self.assertIn(("hung", "gone"), self.owner.told)

    def test_the_end_of_the_connection_hands_its_calls_over(self) -> None:
        call, caller = self.begin()
        call.send_to(Place(self.link))
        abandoned, _ = self.begin()
        abandoned.send_to(Place(self.link))
        abandoned.cancel()
        self.assertIs(call.hold_answers(self), self.link)
        self.link.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.owner.told, [("lost", 2)])
        for listener in self.owner.listeners:
            listener.call_lost(Fault("died", "HostDied", "x"))
        self.assertEqual([fault.code for fault in caller.faults], ["died"])
        self.assertEqual(self.clock.getDelayedCalls(), [])


class Plain(Server):
    """A socket's transport without the socket: what is written waits in it until it `leaves`."""

    def __init__(self) -> None:
        self.connected = 1
        self._tempDataBuffer: list[bytes] = []
        self._tempDataLen = 0

    def write(self, data: bytes) -> None:
        self.dataBuffer += data

    def leaves(self) -> None:
        self.dataBuffer = b""

    def registerProducer(self, producer: Any, streaming: bool) -> None: ...

    def pauseProducing(self) -> None: ...


class Unread(LinkCase):
    """Which calls the other side has surely not read, when it has gone."""

    def setUp(self) -> None:
        super().setUp()
        self.plain = Plain()
        self.link = Link(self.owner, self.clock, 1.0, Reading())
        self.link.makeConnection(self.plain)

    def calls(self, *left: bool) -> list[Call]:
        made = []
        for leaves in left:
            call, _ = self.begin(payload=b"{}")
            call.send_to(Place(self.link))
            made.append(call)
            if leaves:
                self.plain.leaves()
        return made

    def lose(self, reason: type[Exception]) -> None:
        self.link.connectionLost(Failure(reason()))

    def test_after_a_clean_end_all_that_left_may_have_been_read(self) -> None:
        calls = self.calls(True, True)
        self.lose(ConnectionDone)
        self.assertEqual((self.owner.listeners, self.owner.unread), (calls, []))

    def test_after_a_reset_the_last_is_unread(self) -> None:
        first, last = self.calls(True, True)
        self.lose(ConnectionLost)
        self.assertEqual((self.owner.listeners, self.owner.unread), ([first], [last]))

    def test_after_a_reset_the_last_need_not_be_a_call(self) -> None:
        calls = self.calls(True)
        self.link.send({"op": "drain"})
        self.plain.leaves()
        self.lose(ConnectionLost)
        self.assertEqual((self.owner.listeners, self.owner.unread), (calls, []))

    def test_what_has_not_left_is_unread_and_the_error_was_of_the_write(self) -> None:
        first, second, third = self.calls(True, False, False)
        self.lose(ConnectionLost)
        self.assertEqual((self.owner.listeners, self.owner.unread), ([first], [second, third]))

    def test_what_waits_for_the_end_of_the_turn_is_unread(self) -> None:
        ends: list[object] = []
        self.link = Link(self.owner, self.clock, 1.0, Reading(ends.append))
        self.link.makeConnection(self.plain)
        calls = self.calls(False)
        self.assertEqual((self.plain.dataBuffer, len(ends)), (b"", 1))
        self.lose(ConnectionDone)
        self.assertEqual((self.owner.listeners, self.owner.unread), ([], calls))

    def test_an_end_from_here_tells_nothing(self) -> None:
        calls = self.calls(True)
        self.lose(ConnectionAborted)
        self.assertEqual((self.owner.listeners, self.owner.unread), (calls, []))

    def test_an_end_that_was_not_read_tells_nothing(self) -> None:
        calls = self.calls(True)
        self.link.hold(self)
        self.lose(ConnectionLost)
        self.assertEqual((self.owner.listeners, self.owner.unread), (calls, []))

    def test_an_unread_call_goes_elsewhere_with_all_that_it_had(self) -> None:
        (call,) = self.calls(False)
        self.lose(ConnectionLost)
        self.assertTrue(call.call_unread())
        self.assertEqual((self.agains, call.sent, call.waiting), ([call], False, True))
        other = Link(self.owner, self.clock, 1.0, Reading())
        self.pipe = Pipe()
        other.makeConnection(self.pipe)
        call.send_to(Place(other))
        (frame,) = self.sent()
        self.assertEqual((frame.op, frame.header["function"], frame.payload), ("call", "f", b"{}"))

    def test_of_pieces_nothing_was_kept(self) -> None:
        call, _ = self.begin(payload=b"1", more=True)
        call.send_to(Place(self.link))
        self.lose(ConnectionLost)
        self.assertEqual(self.owner.unread, [call])
        self.assertFalse(call.call_unread())
        self.assertEqual(self.agains, [])

    def test_an_abandoned_call_goes_nowhere(self) -> None:
        (call,) = self.calls(False)
        call.cancel()
        self.lose(ConnectionLost)
        (abandoned,) = self.owner.unread
        self.assertTrue(abandoned.call_unread())
        self.assertEqual(self.agains, [])
