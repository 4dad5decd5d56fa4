"""Tests of `hangerd.timetable`."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.timetable import Timetable


class TimetableTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.times = Timetable(self.clock)
        self.called: list[tuple[str, float]] = []

    def note(self, name: str) -> None:
        self.called.append((name, self.clock.seconds()))

    def add(self, when: float, name: str) -> None:
        self.times.add(when, lambda: self.note(name))

    def test_each_is_called_when_it_is_due(self) -> None:
        for when, name in (5.0, "last"), (1.0, "first"), (3.0, "second"):
            self.add(when, name)
        self.clock.pump([0.5] * 12)
        self.assertEqual(self.called, [("first", 1.0), ("second", 3.0), ("last", 5.0)])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_one_timer_is_enough_for_all(self) -> None:
        for when in (5.0, 1.0, 3.0, 4.0):
            self.add(when, "x")
        self.assertEqual([timer.getTime() for timer in self.clock.getDelayedCalls()], [1.0])

    def test_what_was_cancelled_is_not_called(self) -> None:
        entry = self.times.add(1.0, lambda: self.note("cancelled"))
        self.add(2.0, "kept")
        self.times.cancel(entry)
        self.clock.pump([1.0, 1.0, 1.0])
        self.assertEqual(self.called, [("kept", 2.0)])

    def test_past_deadlines_are_due_at_once_but_not_inside_add(self) -> None:
        self.add(-1.0, "late")
        self.assertEqual(self.called, [])
        self.clock.advance(0)
        self.assertEqual(self.called, [("late", 0.0)])

    def test_one_may_ask_for_another(self) -> None:
        self.times.add(1.0, lambda: self.add(1.5, "next"))
        self.clock.pump([1.0, 0.5])
        self.assertEqual(self.called, [("next", 1.5)])

    def test_the_others_are_called_when_one_fails(self) -> None:
        def fail() -> None:
            raise ZeroDivisionError

        self.times.add(1.0, fail)
        self.add(2.0, "other")
        self.assertRaises(ZeroDivisionError, self.clock.advance, 1.0)
        self.clock.advance(1.0)
        self.assertEqual(self.called, [("other", 2.0)])

    def test_stopped_it_leaves_no_timer(self) -> None:
        self.times.stop()
        self.add(1.0, "x")
        self.times.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
