"""Tests of `hangerd.client.links` and `.calls` over connections in memory, without time passing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.calls import GRACE, Door, FrameItems
from hangerd.client.errors import (
    CallNotAllowed,
    CallTimeout,
    HostGone,
    UnknownHost,
    Unreachable,
)
from hangerd.client.finding import Finder
from hangerd.client.links import QUIET
from hangerd.client.pipes import Address, Pipe, Receiver, Result
from hangerd.client.running import run
from hangerd.client.session import Awaited
from hangerd.client.values import encode_arguments
from hangerd.hosts.faults import Fault
from hangerd.hosts.wire import Decoder, Frame, encode

Answering = Callable[[Frame], list[bytes]]


class MemoryPipe:
    """Answers what is written as `answer` says; waiting for more lets the time pass."""

    def __init__(self, io: MemoryIo, receiver: Receiver) -> None:
        self._io = io
        self._receiver = receiver
        self._decoder = Decoder()
        self._coming: list[bytes] = []
        self.open = True

    def write(self, data: bytes) -> None:
        for frame in self._decoder.feed(data):
            self._io.written.append(frame)
            if frame.op == "hello":
                self._coming += self._io.greeting(frame)
            else:
                self._coming += self._io.answer(frame)

    async def drain(self, deadline: float | None) -> None: ...

    async def wait(self, awaited: Awaited, deadline: float | None) -> None:
        while not awaited.ready:
            if self._coming:
                self._receiver.feed(self._coming.pop(0))
            elif deadline is None:
                raise AssertionError("it would hang")
            else:
                self._io.time = deadline
                raise TimeoutError

    def look(self) -> bool:
        while self._coming:
            self._receiver.feed(self._coming.pop(0))
        return self.open

    def own(self) -> None: ...

    def close(self) -> None:
        if self.open:
            self.open = False
            self._receiver.lost("closed")

    def lose(self) -> None:
        self.close()


class MemoryIo:
    """Connections to nothing, and a clock that only waiting moves."""

    shared = False

    def __init__(self) -> None:
        self.time = 0.0
        self.written: list[Frame] = []
        self.pipes: list[MemoryPipe] = []
        self.answer: Answering = lambda frame: []
        self.greeting: Answering = lambda frame: [encode({"op": "welcome", "protocol": 1})]
        self.refused = False

    def now(self) -> float:
        return self.time

    async def open(self, address: Address, receiver: Receiver, deadline: float | None) -> Pipe:
        if self.refused:
            raise ConnectionRefusedError("refused")
        pipe = MemoryPipe(self, receiver)
        self.pipes.append(pipe)
        return pipe

    def lock(self) -> AbstractAsyncContextManager[Any]:
        return nullcontext()

    async def sleep(self, seconds: float) -> None:
        self.time += seconds

    async def aside(self, work: Callable[[], Result]) -> Result:
        return work()


class Here(Finder):
    """Knows where the daemon is."""

    def __init__(self) -> None:
        super().__init__({}, state_dir="/nowhere")

    def find(self) -> Any:
        from hangerd.client.finding import Place

        return Place(Address("/http"), calls=Address("/calls"))


def result(frame: Frame, value: Any) -> bytes:
    return encode({"op": "result", "id": frame.id}, json.dumps(value).encode())


class DoorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.io = MemoryIo()
        self.door = Door(self.io, Here())

    def call(self, timeout: float | None = None) -> Any:
        return run(self.door.call("h", "f", encode_arguments([1], {}), timeout))

    def ops(self) -> list[str]:
        return [frame.op for frame in self.io.written]

    def test_a_call_keeps_its_connection_for_the_next(self) -> None:
        self.io.answer = lambda frame: [result(frame, 2)]
        for _ in range(3):
            self.assertEqual(self.call(), ("json", b"2"))
        self.assertEqual(len(self.io.pipes), 1)
        self.assertEqual(self.ops(), ["hello", "call", "call", "call"])
        self.assertNotIn("timeout", self.io.written[1].header)

    def test_what_broke_while_it_was_kept_is_noticed_before_anything_is_sent(self) -> None:
        self.io.answer = lambda frame: [result(frame, 2)]
        self.call()
        self.io.pipes[0].lose()
        self.assertEqual(self.call(), ("json", b"2"))
        self.assertEqual(len(self.io.pipes), 2)

    def test_a_deadline_is_told_and_kept_with_some_grace(self) -> None:
        self.assertRaises(CallTimeout, self.call, 2.0)
        self.assertEqual(self.io.time, 2.0 + GRACE)
        self.assertEqual(self.ops(), ["hello", "call", "cancel"])
        self.assertEqual(self.io.written[1].header["timeout"], 2.0)

    def test_what_comes_too_late_is_not_the_next_calls(self) -> None:
        self.assertRaises(CallTimeout, self.call, 2.0)
        late = self.io.written[1]
        self.io.answer = lambda frame: [result(late, "late"), result(frame, "right")]
        self.assertEqual(self.call(), ("json", b'"right"'))
        self.assertEqual(len(self.io.pipes), 1)

    def test_no_deadline_at_all_can_be_wished(self) -> None:
        self.io.answer = lambda frame: [result(frame, 2)]
        self.call(0)
        self.assertIsNone(self.io.written[1].header["timeout"])

    def test_a_daemon_that_says_nothing_is_asked_and_then_given_up(self) -> None:
        self.assertRaises(HostGone, self.call)
        self.assertEqual(self.ops(), ["hello", "call", "ping"])
        self.assertEqual(self.io.time, 2 * QUIET)
        self.assertFalse(self.io.pipes[0].open)

    def test_one_that_answers_pings_may_take_its_time(self) -> None:
        pings: Iterator[int] = iter(range(5))

        def answer(frame: Frame) -> list[bytes]:
            if frame.op != "ping":
                return []
            pong = encode({"op": "pong", "id": frame.id})
            return [pong] if next(pings) < 4 else [pong, result(self.io.written[1], "at last")]

        self.io.answer = answer
        self.assertEqual(self.call(), ("json", b'"at last"'))
        self.assertEqual(self.io.time, 5 * QUIET)

    def test_faults(self) -> None:
        fault = Fault("no_host", "HostUnknown", "no")
        self.io.answer = lambda frame: [
            encode({"op": "fault", "id": frame.id, "code": "no_host"}, fault.payload())
        ]
        self.assertRaises(UnknownHost, self.call)
        self.assertRaises(UnknownHost, self.call)
        self.assertEqual(len(self.io.pipes), 1)

    def test_nobody_there(self) -> None:
        self.io.refused = True
        self.assertRaises(Unreachable, self.call)

    def test_not_let_in(self) -> None:
        fault = Fault("denied", "Denied", "no")
        self.io.greeting = lambda frame: [
            encode({"op": "fault", "code": "denied"}, fault.payload())
        ]
        self.assertRaises(CallNotAllowed, self.call)
        self.assertFalse(self.io.pipes[0].open)

    def test_no_welcome_in_time(self) -> None:
        self.io.greeting = lambda frame: []
        self.assertRaises(CallTimeout, self.call, 1.0)
        self.assertFalse(self.io.pipes[0].open)

    def test_a_stream_gives_credit_and_then_its_connection_back(self) -> None:
        def answer(frame: Frame) -> list[bytes]:
            if frame.op != "call":
                return []
            items = [encode({"op": "item", "id": frame.id}, b"%d" % at) for at in range(40)]
            return [*items, encode({"op": "end", "id": frame.id})]

        self.io.answer = answer
        items = self.call()
        self.assertIsInstance(items, FrameItems)
        found = []
        while (value := run(items.next())) is not None:
            found.append(int(value[1]))
        self.assertEqual(found, list(range(40)))
        self.assertEqual(self.ops(), ["hello", "call", "credit"])
        self.call().close()
        self.assertEqual(len(self.io.pipes), 1)
        self.assertEqual(self.ops()[-1], "cancel")

    def test_a_close_ends_what_is_kept(self) -> None:
        self.io.answer = lambda frame: [result(frame, 2)]
        self.call()
        self.door.close()
        self.assertFalse(self.io.pipes[0].open)
