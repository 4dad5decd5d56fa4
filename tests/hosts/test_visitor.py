"""The door without a socket: hello, access, calls under the visitor's ids, and slow readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from hangerd.awake import TURNS
from hangerd.hosts.door import HELLO_WITHIN, READ_WITHIN, DoorConnection, DoorFactory
from hangerd.hosts.log import HostLog
from hangerd.hosts.outbox import ROOM
from hangerd.hosts.restarts import Exit
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import parse_spec
from hangerd.hosts.wire import PIECE, Assembler, Decoder, Frame, encode, encode_message
from hangerd.web.connections import Connections
from tests.hosts.fakes import FakeRunner, NoFile, Pipe, World, shown


class DoorCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.service = HostsService(self.world.around, Path("/nowhere"))
        self.service.startService()
        self.uid: int | None = 0
        self.crowd = Connections(9)
        tokens = {"all": "*", "one": "work"}
        self.factory = DoorFactory(
            self.service,
            tokens.get,
            self.world.clock,
            self.crowd,
            lambda transport: self.uid,
        )
        spec = parse_spec("work", {"kind": "python", "module": "work", "threads": 9}, Path("/"))
        self.host = self.service.define("work", spec)
        self.host.log = HostLog(NoFile(), self.world.clock.seconds)

    def enter(self, **hello: Any) -> tuple[DoorConnection, Pipe]:
        connection, pipe = self.arrive()
        connection.dataReceived(encode({"op": "hello", "protocol": 1, **hello}))
        return connection, pipe

    def arrive(self) -> tuple[DoorConnection, Pipe]:
        connection = self.factory.buildProtocol(None)
        assert connection is not None
        pipe = Pipe()
        connection.makeConnection(pipe)
        self.addCleanup(connection.connectionLost, Failure(ConnectionDone()))
        return connection, pipe

    def say(self, connection: DoorConnection, op: str, payload: bytes = b"", **header: Any) -> None:
        for data in encode_message({"op": op, **header}, payload):
            connection.dataReceived(data)

    def got(self, pipe: Pipe) -> list[Frame]:
        assembler = Assembler()
        frames = [assembler.add(frame) for frame in Decoder().feed(pipe.value())]
        pipe.clear()
        return [frame for frame in frames if frame is not None]

    def codes(self, pipe: Pipe) -> list[str]:
        return [frame.header.get("code", frame.op) for frame in self.got(pipe)]

    @property
    def runner(self) -> FakeRunner:
        return self.world.runner


class Entering(DoorCase):
    def test_the_daemons_user_and_root_may_do_everything(self) -> None:
        _, pipe = self.enter()
        self.assertEqual(self.codes(pipe), ["welcome"])

    def test_anybody_else_needs_a_token(self) -> None:
        cases: list[tuple[int | None, dict[str, Any], str]] = [
            (12345, {}, "denied"),
            (None, {}, "denied"),
            (12345, {"token": "all"}, "welcome"),
            (12345, {"token": "one"}, "welcome"),
            (12345, {"token": "bad"}, "denied"),
            (12345, {"token": ["all"]}, "denied"),
            (0, {"token": "bad"}, "denied"),
        ]
        for uid, hello, answer in cases:
            self.uid = uid
            _, pipe = self.enter(**hello)
            self.assertEqual(self.codes(pipe), [answer])
            self.assertEqual(pipe.disconnecting, answer == "denied")

    def test_connections_by_token_end_with_the_token(self) -> None:
        _, own = self.enter()
        self.uid = 12345
        _, by_token = self.enter(token="one")
        gone, _ = self.enter(token="all")
        gone.connectionLost(Failure(ConnectionDone()))
        self.factory.leave_by_token()
        self.assertEqual((own.disconnected, by_token.disconnected), (False, True))
        self.assertEqual(len(self.factory.by_token), 1)

    def test_anything_but_a_hello_in_time_ends_it(self) -> None:
        for first in (encode({"op": "ping", "id": 1}), b"GET / HTTP/1.0\r\n\r\n", b"\0" * 8):
            connection, pipe = self.arrive()
            connection.dataReceived(first)
            connection.connectionLost(Failure(ConnectionDone()))
            self.assertTrue(pipe.disconnected)
        _, pipe = self.enter(protocol=2)
        self.assertTrue(pipe.disconnected)
        _, pipe = self.arrive()
        self.world.clock.advance(HELLO_WITHIN)
        self.assertTrue(pipe.disconnected)

    def test_too_many_are_not_let_in(self) -> None:
        for _ in range(9):
            self.enter()
        self.assertIsNone(self.factory.buildProtocol(None))

    def test_a_token_of_one_host_is_good_for_that_one(self) -> None:
        self.uid = 12345
        connection, pipe = self.enter(token="one")
        self.say(connection, "call", id=1, host="other", function="f")
        self.say(connection, "ticket", id=2, host="other")
        self.say(connection, "lease", id=3, host=None)
        self.assertEqual(self.codes(pipe), ["welcome", "denied", "denied", "denied"])


class Calling(DoorCase):
    def test_ids_are_the_visitors_own(self) -> None:
        one, pipe_one = self.enter()
        two, pipe_two = self.enter()
        self.say(one, "call", b"1", id=5, host="work", function="f")
        self.say(two, "call", b"2", id=5, host="work", function="f", timeout=None)
        self.runner.ready("f")
        first, second = self.runner.calls
        self.assertEqual((first.payload, second.payload), (b"1", b"2"))
        self.assertAlmostEqual(first.header["timeout"], 10.0)
        self.assertIsNone(second.header["timeout"])
        self.runner.send("result", "two", id=second.id)
        self.runner.send("result", "one", id=first.id)
        for pipe, answer in ((pipe_one, "one"), (pipe_two, "two")):
            frame = self.got(pipe)[-1]
            self.assertEqual((frame.id, shown(frame)), (5, answer))

    def test_payloads_pass_in_pieces_both_ways(self) -> None:
        connection, pipe = self.enter()
        self.runner_ready()
        payload = bytes(range(256)) * (PIECE // 100)
        self.say(connection, "call", payload, id=1, host="work", function="f", type="bytes")
        whole = [Assembler.add(a, f) for a in [Assembler()] for f in self.runner.calls][-1]
        assert whole is not None
        self.assertEqual(whole.payload, payload)
        for data in encode_message({"op": "result", "id": whole.id, "type": "bytes"}, payload):
            assert self.runner.link is not None
            self.runner.link.dataReceived(data)
        answer = self.got(pipe)[-1]
        self.assertEqual((answer.payload, answer.header["type"]), (payload, "bytes"))

    def runner_ready(self) -> None:
        self.host.pool.start()
        self.runner.ready("f")

    def test_what_is_wrong_with_a_call_is_said(self) -> None:
        connection, pipe = self.enter()
        headers: list[dict[str, Any]] = [
            {"host": "nobody", "function": "f"},
            {"host": "work"},
            {"host": "work", "function": "f", "timeout": -1},
            {"host": "work", "function": "f", "timeout": True},
            {"host": "work", "function": "f", "window": 0},
            {"host": "work", "function": "f", "type": "xml"},
            {"host": "work", "function": "f", "as": "list"},
            {"host": "work", "function": "f", "accept": "pickle"},
        ]
        for number, header in enumerate(headers, 1):
            self.say(connection, "call", id=number, **header)
        self.assertEqual(self.codes(pipe), ["welcome", "no_host", *["arguments"] * 6, "pickle"])

    def test_cancel_is_answered_and_pieces_of_an_old_call_are_dropped(self) -> None:
        connection, pipe = self.enter()
        self.runner_ready()
        self.say(connection, "call", b"1", id=1, host="work", function="f", more=True)
        self.say(connection, "cancel", id=1, reason="cancelled")
        self.say(connection, "call", b"2", id=1)
        self.say(connection, "cancel", id=1)
        self.assertEqual(self.codes(pipe), ["welcome", "cancelled"])
        self.assertEqual([frame.payload for frame in self.runner.calls], [b"1", b""])

    def test_streams_and_credit_pass(self) -> None:
        connection, pipe = self.enter()
        self.runner_ready()
        self.say(connection, "call", id=1, host="work", function="f", window=2)
        number = self.runner.calls[0].id
        self.runner.send("item", 1, id=number)
        self.say(connection, "credit", id=1, items=5)
        self.say(connection, "credit", id=77, items=5)
        self.runner.send("end", id=number)
        self.assertEqual([frame.op for frame in self.got(pipe)], ["welcome", "item", "end"])
        self.assertEqual(self.runner.got("credit")[0].header["items"], 5)
        self.say(connection, "credit", id=1, items="many")
        self.assertTrue(pipe.disconnected)

    def test_who_leaves_cancels_its_calls_and_releases_its_leases(self) -> None:
        connection, _ = self.enter()
        self.say(connection, "lease", id=1, host="work")
        self.say(connection, "lease", id=2, host="work")
        self.say(connection, "ticket", id=3, host="work")
        self.say(connection, "call", id=4, host="work", function="f")
        connection.connectionLost(Failure(ConnectionDone()))
        self.runner.ready("f")
        self.assertEqual((len(self.host.leases), self.runner.calls), (0, []))
        self.assertEqual(len(self.crowd), 0)

    def test_leases_and_tickets(self) -> None:
        connection, pipe = self.enter()
        self.say(connection, "lease", id=1, host="work")
        self.runner.ready("f")
        self.say(connection, "ticket", id=2, host="work")
        self.say(connection, "ping", id=3)
        lease, ticket, pong = self.got(pipe)[1:]
        self.assertEqual(shown(lease), {"host": "work", "state": "ready"})
        self.assertEqual(shown(ticket)["socket"], "/run/work.1")
        self.assertEqual(pong.op, "pong")
        self.say(connection, "release", id=1)
        self.say(connection, "release", id=1)
        self.assertEqual(len(self.host.leases), 0)

    def test_a_lease_of_a_host_that_does_not_start_is_no_lease(self) -> None:
        connection, pipe = self.enter()
        self.say(connection, "lease", id=1, host="work")
        self.runner.die(Exit(status=1))
        self.assertEqual(self.codes(pipe), ["welcome", "start"])
        self.assertEqual(len(self.host.leases), 0)

    def test_frames_of_no_caller_end_the_connection(self) -> None:
        for header in ({"op": "stop", "id": 1}, {"op": "call"}):
            connection, pipe = self.enter()
            connection.dataReceived(encode(header))
            self.assertTrue(pipe.disconnected)


class AsksAgain(DoorCase):
    """For whom the reactor stays awake."""

    def setUp(self) -> None:
        super().setUp()
        self.world.clock.advance(1)
        self.ids = 0

    def ask(self, connection: DoorConnection) -> None:
        self.ids += 1
        self.say(connection, "call", b"[]", host="work", function="f", id=self.ids)

    def ask_and_answer(self, connection: DoorConnection) -> int:
        """Return how many empty turns the answer was worth."""
        self.ask(connection)
        if self.ids == 1:
            self.runner.ready("f")
        self.assertEqual(self.factory.awake.turns, 0)
        self.runner.answer(1)
        return self.factory.awake.turns

    def test_who_is_alone_at_work(self) -> None:
        one, two = (self.enter()[0] for _ in range(2))
        self.assertEqual([self.ask_and_answer(one) for _ in range(3)], [0, 0, TURNS])
        self.assertEqual([self.ask_and_answer(which) for which in (two, one, two)], [0, 0, 0])

    def test_not_for_who_has_another_call_under_way(self) -> None:
        one, _ = self.enter()
        self.assertEqual([self.ask_and_answer(one) for _ in range(3)], [0, 0, TURNS])
        self.ask(one)
        self.assertEqual(self.ask_and_answer(one), 0)

    def test_who_leaves_is_forgotten(self) -> None:
        one, _ = self.enter()
        self.ask_and_answer(one)
        one.connectionLost(Failure(ConnectionDone()))
        self.assertIsNone(self.factory.latest)


class SlowReaders(DoorCase):
    def flood(self) -> tuple[DoorConnection, Pipe]:
        connection, pipe = self.enter()
        self.host.pool.start()
        self.runner.ready("f")
        self.say(connection, "call", id=1, host="work", function="f")
        IPushProducer(pipe.producer).pauseProducing()
        number = self.runner.calls[0].id
        assert self.runner.link is not None
        for data in encode_message({"op": "result", "id": number}, bytes(ROOM + PIECE)):
            self.runner.link.dataReceived(data)
        return connection, pipe

    def test_the_instance_is_held_until_there_is_room(self) -> None:
        _, pipe = self.flood()
        self.assertEqual(self.runner.pipe.paused, 1)
        self.assertEqual(self.codes(pipe), ["welcome"])
        IPushProducer(pipe.producer).resumeProducing()
        self.assertEqual(self.runner.pipe.paused, 0)
        self.assertEqual(len(self.got(pipe)[0].payload), ROOM + PIECE)
        self.world.advance(READ_WITHIN)
        self.assertFalse(pipe.disconnected)

    def test_who_never_reads_is_sent_away_and_lets_the_instance_go(self) -> None:
        connection, pipe = self.flood()
        self.world.clock.advance(READ_WITHIN)
        self.assertTrue(pipe.disconnected)
        IPushProducer(pipe.producer).stopProducing()
        connection.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.runner.pipe.paused, 0)
