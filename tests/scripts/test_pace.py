"""The interval at which threads take turns, by a clock that the test turns."""

from __future__ import annotations

import sys

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.inbox import Inbox
from hangerd.scripts.pace import BUSY_INTERVAL, Pace
from tests.scripts.serving import TurningClock


class PaceTests(SynchronousTestCase):
    """Short turns only beside long scripts."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.age: float | None = None
        self.intervals: list[float] = []
        self.pace = Pace(self.clock, lambda: self.age, self.intervals.append)
        self.usual = sys.getswitchinterval()

    def test_short_scripts_change_nothing(self) -> None:
        self.age = 0.01
        self.pace.watch()
        self.pace.watch()
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(0.05)
        self.assertEqual(self.intervals, [self.usual])

    def test_a_long_one_shortens_the_turns_until_it_ends(self) -> None:
        self.pace.watch()
        self.age = 0.05
        self.clock.advance(0.05)
        self.assertEqual(self.intervals, [BUSY_INTERVAL])
        self.age = None
        self.clock.advance(0.05)
        self.assertEqual(self.intervals[-1], self.usual)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stop(self) -> None:
        self.pace.watch()
        self.pace.stop()
        self.pace.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(set(self.intervals), {self.usual})


class InboxTests(SynchronousTestCase):
    """One wake-up for many calls."""

    def test_rings_once_and_keeps_the_order(self) -> None:
        heard: list[object] = []
        inbox = Inbox(clock := TurningClock())
        inbox.callFromThread(heard.append, 1)
        inbox.callFromThread(lambda *, named: heard.append(named), named=2)
        self.assertEqual((len(clock.from_threads), heard), (1, []))
        clock.turn()
        self.assertEqual(heard, [1, 2])
        inbox.callFromThread(heard.append, 3)
        clock.turn()
        self.assertEqual(heard, [1, 2, 3])

    def test_a_call_that_fails_keeps_none_back(self) -> None:
        heard: list[object] = []
        inbox = Inbox(clock := TurningClock())
        inbox.callFromThread(int, "x")
        inbox.callFromThread(heard.append, 1)
        clock.turn()
        self.assertEqual(heard, [1])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
