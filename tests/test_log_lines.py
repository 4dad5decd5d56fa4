"""Tests of `hangerd.log_lines`: the same lines as by Twisted's events, gathered and in order."""

from __future__ import annotations

import io
from typing import Any, NamedTuple, cast

from twisted.internet.task import Clock
from twisted.logger import ILogObserver, Logger
from twisted.trial.unittest import SynchronousTestCase

from hangerd.log_lines import Fields, FrequentLines, Gathered, TextLines, json_line
from hangerd.logs import daemon_log, log_observer

MESSAGE = "{who} took {seconds}s"
FIELDS: dict[str, str | int | float] = {"who": "ä\\x1b", "seconds": 2e-05, "status": 200}


class Said(NamedTuple):
    message: str
    fields: Fields


class SameLineTests(SynchronousTestCase):
    def by_event(self, log_format: str, when: float) -> str:
        events: list[dict[str, Any]] = []
        Logger("n.m", observer=cast(ILogObserver, events.append)).info(MESSAGE, **FIELDS)
        out = io.StringIO()
        log_observer(out, log_format, debug=False)({**events[0], "log_time": when})
        return out.getvalue()

    def test_it(self) -> None:
        text = TextLines()
        for when in (0.0, 1.25, 1.75, 1_900_000_000.5):
            told = Said(MESSAGE.format_map(FIELDS), FIELDS)
            self.assertEqual(text(when, "n.m", told), self.by_event("text", when))
            self.assertEqual(json_line(when, "n.m", told), self.by_event("json", when))


class GatheredTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.out = io.StringIO()
        self.clock = Clock()

    def test_written_a_little_later(self) -> None:
        lines = FrequentLines(Gathered(self.out), TextLines(), "n", self.clock, lambda: 0.0)
        lines(Said("one", {}))
        lines(Said("two", {}))
        self.assertEqual(self.out.getvalue(), "")
        self.clock.advance(0.1)
        self.assertEqual(self.out.getvalue().count("[n#info]"), 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        lines(Said("three", {}))
        self.clock.advance(0.1)
        self.assertTrue(self.out.getvalue().endswith("three\n"))

    def test_in_order_with_events(self) -> None:
        log = daemon_log(self.out, "text", debug=False)
        lines = FrequentLines(log.out, log.line, "n", self.clock)
        lines(Said("first", {}))
        Logger("other", observer=log.observer).info("second")
        self.assertEqual(
            [line.split(" ")[-1] for line in self.out.getvalue().splitlines()], ["first", "second"]
        )

    def test_many_do_not_wait(self) -> None:
        gathered = Gathered(self.out)
        for _ in range(101):
            gathered.write("x\n")
        self.assertEqual(self.out.getvalue().count("x"), 101)
