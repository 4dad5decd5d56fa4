"""Tests of `hangerd.client.runs`: the events of a run, from the lines of an event-stream."""

from __future__ import annotations

import json
from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.errors import ConnectionLost
from hangerd.client.running import run
from hangerd.client.runs import Asked, Ended, Printed, RunCore


class FakeLines:
    """Lines that came; then the end, or silence."""

    def __init__(self, *lines: str, silent: bool = False) -> None:
        self.lines = list(lines)
        self.silent = silent
        self.closed = False
        self.deadlines: list[float | None] = []

    async def next(self, deadline: float | None = None) -> str:
        self.deadlines.append(deadline)
        if self.lines:
            return self.lines.pop(0)
        if self.silent:
            raise TimeoutError
        raise StopAsyncIteration

    def close(self) -> None:
        self.closed = True


class FakeIo:
    def now(self) -> float:
        return 1000.0


def event(number: int, name: str, **data: Any) -> tuple[str, ...]:
    return f"id: {number}", f"event: {name}", f"data: {json.dumps(data)}", ""


START = event(1, "start", run="r1")


class RunTests(SynchronousTestCase):
    def core(self, lines: FakeLines) -> RunCore:
        return RunCore(cast(Any, FakeIo()), cast(Any, None), cast(Any, lines))

    def test_all_events(self) -> None:
        lines = FakeLines(
            *START,
            *(":", ""),
            *event(2, "out", text="a\r"),
            *event(3, "err", text="b"),
            *event(4, "input", token="t", prompt="? ", password=True),
            *event(5, "of tomorrow", x=1),
            *event(6, "exit", status=3, error="no", seconds=0.5),
        )
        core = self.core(lines)
        run(core.begin())
        self.assertEqual(core.id, "r1")
        expected = (
            Printed("a\r"),
            Printed("b", error=True),
            Asked("? ", "t", password=True),
            Ended(3, "no", 0.5),
        )
        for one in expected:
            self.assertEqual(run(core.next()), one)
        for _ in range(2):
            self.assertRaises(StopAsyncIteration, run, core.next())
        self.assertEqual({*lines.deadlines}, {1060.0})

    def test_a_stream_that_ends_before_its_run(self) -> None:
        core = self.core(FakeLines(*START))
        run(core.begin())
        error = self.assertRaises(ConnectionLost, run, core.next())
        self.assertIn("before the run", error.message)

    def test_silence_is_a_lost_connection(self) -> None:
        lines = FakeLines(*START, silent=True)
        core = self.core(lines)
        run(core.begin())
        self.assertRaises(ConnectionLost, run, core.next())
        self.assertTrue(lines.closed)

    def test_what_is_no_run(self) -> None:
        core = self.core(FakeLines(*event(1, "news", x=1)))
        self.assertRaises(ConnectionLost, run, core.begin())
