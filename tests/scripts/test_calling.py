"""What a script's call of a host does in its thread; the daemon's side is played by the test."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import copy_context
from types import SimpleNamespace
from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.replies import Reply
from hangerd.scripts.calling import Awaited, Hosts, Items, ItemsOfCall
from hangerd.scripts.current import CURRENT, Running
from hangerd.scripts.errors import Stopped
from hangerd.scripts.gate import Gate


class FakeItems:
    """A stream at the daemon's side."""

    def close(self) -> None:
        """Be closed."""


class FakeDoor:
    """Answers at once, as the test says."""

    def __init__(self, answer: Callable[[Awaited], None]) -> None:
        self.answer = answer
        self.calls: list[Any] = []
        self.given_up: list[Any] = []

    def call(self, *facts: Any) -> None:
        *told, awaited = facts
        self.calls.append(told)
        self.answer(awaited)

    def following(self, items: Items, awaited: Awaited) -> None:
        self.answer(awaited)

    def close(self, items: Items) -> None:
        self.given_up.append(items)

    def cancel(self, awaited: Awaited) -> None:
        self.given_up.append(awaited)


class HostsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.gate = Gate(lambda thread, error: None)
        self.at_end: list[Any] = []
        self.run_ = SimpleNamespace(gate=self.gate, may_wait=True, at_end=self.at_end.append)
        self.answers: list[dict[str, Any]] = []
        self.door = FakeDoor(lambda awaited: awaited.settle(**self.answers.pop(0)))

    def call(self, *args: Any, **kwargs: Any) -> Any:
        def inside() -> Any:
            CURRENT.set(cast(Running, self.run_))
            return Hosts(self.door)["render"].call("page", *args, **kwargs)

        return copy_context().run(inside)

    def value(self, value: object) -> dict[str, Any]:
        return {"value": Reply("json", json.dumps(value).encode())}

    def test_arguments_go_and_the_value_comes(self) -> None:
        self.answers = [self.value(None), self.value([1])]
        self.assertIsNone(self.call(title="x"))
        self.assertEqual(self.call(1, timeout=3), [1])
        said = [
            (host, fn, json.loads(body), kind, t) for host, fn, body, kind, t in self.door.calls
        ]
        self.assertEqual(
            said,
            [
                ("render", "page", {"args": [], "kwargs": {"title": "x"}}, "json", None),
                ("render", "page", {"args": [1], "kwargs": {}}, "json", 3),
            ],
        )

    def test_bytes_go_as_bytes(self) -> None:
        self.answers = [{"value": Reply("bytes", b"\1")}]
        self.assertEqual(self.call(bytearray(b"\0")), b"\1")
        self.assertEqual(self.door.calls[0][2:4], [b"\0", "bytes"])

    def test_what_json_cannot_say(self) -> None:
        self.assertRaises(TypeError, self.call, object())
        self.assertRaises(ValueError, self.call, float("nan"))
        self.assertEqual(self.door.calls, [])

    def test_a_fault_is_raised_with_its_stack(self) -> None:
        fault = Fault("function", "TypeError", "no", "at page (r.js:1)", host="render")
        self.answers = [{"fault": fault}]
        error = self.assertRaises(CallError, self.call)
        self.assertEqual(error.fault, fault)
        self.assertEqual(error.__notes__, ["In the host render:\nat page (r.js:1)"])

    def test_a_fault_of_the_daemons_own_has_no_stack(self) -> None:
        self.answers = [{"fault": Fault("busy", "Busy", "later")}]
        self.assertFalse(hasattr(self.assertRaises(CallError, self.call), "__notes__"))

    def test_the_end_of_the_run_wakes_and_gives_up(self) -> None:
        self.door.answer = lambda _: self.gate.end(Stopped)
        self.assertRaises(Stopped, self.call)
        self.assertEqual(len(self.door.given_up), 1)

    def test_a_call_while_the_run_ends(self) -> None:
        self.gate.enter()
        self.gate.end(Stopped)
        self.door.answer = lambda _: None
        error = self.assertRaises(CallError, self.call)
        self.assertEqual(error.fault.code, "cancelled")

    def test_where_nothing_may_wait(self) -> None:
        self.run_.may_wait = False
        self.assertRaises(RuntimeError, self.call)
        self.assertRaises(RuntimeError, Hosts(self.door)["render"].call, "page")
        self.assertEqual(self.door.calls, [])

    def test_items_come_one_by_one(self) -> None:
        items = FakeItems()
        self.answers = [{"items": items}]
        stream = self.call()
        self.assertIsInstance(stream, ItemsOfCall)
        self.assertEqual(self.at_end, [items.close])
        self.answers = [self.value(1), self.value(None), {}]

        def inside() -> Any:
            CURRENT.set(cast(Running, self.run_))
            return list(stream)

        self.assertEqual(copy_context().run(inside), [1, None])
        stream.close()
        self.assertEqual(self.door.given_up, [items])
