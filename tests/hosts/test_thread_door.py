"""Calls that come from threads, as the reactor sees them; the test turns the reactor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.faults import Fault
from hangerd.hosts.replies import Reply, Stream
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import parse_spec
from hangerd.hosts.thread_door import ThreadDoor
from tests.hosts.fakes import FakeRunner, World, shown


class Waiting:
    """Writes down what it is brought."""

    def __init__(self) -> None:
        self.brought: list[Any] = []
        self.items: Stream | None = None

    def settle(
        self,
        value: Reply | None = None,
        *,
        items: Stream | None = None,
        fault: Fault | None = None,
    ) -> None:
        self.items = items
        self.brought.append(value.value() if value else items or fault or "end")


def stream_of(waiting: Waiting) -> Stream:
    assert waiting.items is not None
    return waiting.items


class ThreadDoorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.service = HostsService(self.world.around, Path(self.mktemp()), now=lambda: 0.0)
        given = {"kind": "python", "module": "m", "call_timeout": 7.0}
        self.service.define("work", parse_spec("work", given, Path("/")))
        self.service.startService()
        self.handed: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self.door = ThreadDoor(self.service, lambda call, *args: self.handed.append((call, args)))

    def turn(self) -> None:
        while self.handed:
            call, args = self.handed.pop(0)
            call(*args)

    def call(self, host: str = "work", timeout: float | None = None) -> Waiting:
        waiting = Waiting()
        self.door.call(host, "f", b'{"args": [1]}', "json", timeout, waiting)
        self.assertEqual(waiting.brought, [])
        self.turn()
        return waiting

    def ready(self) -> FakeRunner:
        self.world.runner.ready("f")
        return self.world.runner

    def test_a_value(self) -> None:
        waiting = self.call()
        runner = self.ready()
        [frame] = runner.calls
        self.assertEqual((frame.header["as"], frame.header["timeout"]), ("arguments", 7.0))
        self.assertEqual(shown(frame), {"args": [1]})
        runner.answer({"a": 2})
        self.assertEqual(waiting.brought, [{"a": 2}])

    def test_bytes_are_passed_as_they_are(self) -> None:
        waiting = Waiting()
        self.door.call("work", "f", b"\0", "bytes", 0, waiting)
        self.turn()
        [frame] = self.ready().calls
        self.assertEqual((frame.payload, frame.header["type"]), (b"\0", "bytes"))
        self.assertNotIn("as", frame.header)
        self.assertIsNone(frame.header["timeout"])

    def test_a_host_that_is_not_there(self) -> None:
        [fault] = self.call("nobody").brought
        self.assertEqual((fault.code, fault.type), ("no_host", "HostUnknown"))

    def test_a_fault_keeps_type_message_and_stack(self) -> None:
        waiting = self.call()
        runner = self.ready()
        told = {"type": "KeyError", "message": "'x'", "stack": "line 1"}
        runner.send("fault", told, id=runner.calls[-1].id, code="function")
        [fault] = waiting.brought
        self.assertEqual((fault.type, fault.message, fault.stack), ("KeyError", "'x'", "line 1"))

    def test_a_deadline(self) -> None:
        waiting = self.call(timeout=2.0)
        self.ready()
        self.world.advance(2.0)
        self.assertEqual([fault.code for fault in waiting.brought], ["timeout"])

    def test_a_thread_that_waits_no_more(self) -> None:
        waiting = self.call()
        runner = self.ready()
        self.door.cancel(waiting)
        self.turn()
        self.assertEqual(len(runner.got("cancel")), 1)
        self.assertEqual(waiting.brought, [])
        self.door.cancel(waiting)
        self.turn()
        self.assertEqual(len(runner.got("cancel")), 1)

    def test_a_stream_item_by_item(self) -> None:
        waiting = self.call()
        runner = self.ready()
        number = runner.calls[-1].id
        runner.send("item", "a", id=number)
        [stream] = waiting.brought
        following = Waiting()
        for _ in range(2):
            self.door.following(stream, following)
            self.turn()
        self.assertEqual(following.brought, ["a"])
        runner.send("item", "b", id=number)
        self.assertEqual(following.brought, ["a", "b"])

    def test_a_stream_to_its_end(self) -> None:
        waiting = self.call()
        runner = self.ready()
        number = runner.calls[-1].id
        runner.send("item", "a", id=number)
        runner.send("end", id=number)
        following = Waiting()
        for _ in range(2):
            self.door.following(waiting.brought[0], following)
            self.turn()
        self.assertEqual(following.brought, ["a", "end"])

    def test_a_stream_that_is_closed(self) -> None:
        waiting = self.call()
        self.assert_cancelled_by(lambda: self.door.close(stream_of(waiting)), waiting)

    def test_a_stream_that_came_when_nobody_waited_any_more(self) -> None:
        waiting = self.call()
        self.assert_cancelled_by(lambda: self.door.cancel(waiting), waiting)

    def assert_cancelled_by(self, close: Callable[[], None], waiting: Waiting) -> None:
        runner = self.ready()
        runner.send("item", "a", id=runner.calls[-1].id)
        self.assertEqual(waiting.brought, [waiting.items])
        close()
        self.turn()
        self.assertEqual([frame.id for frame in runner.got("cancel")], [runner.calls[-1].id])
