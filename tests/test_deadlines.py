"""Tests of `hangerd.deadlines`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.deadlines import Deadlines


class DeadlinesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.deadlines = Deadlines()
        self.called: list[str] = []

    def add(self, when: float, name: str) -> None:
        self.entry = self.deadlines.add(when, lambda: self.called.append(name))

    def run_due(self, now: float) -> None:
        for call in self.deadlines.due(now):
            call()

    def test_empty(self) -> None:
        self.assertIsNone(self.deadlines.next())
        self.assertEqual(len(self.deadlines), 0)
        self.assertEqual(list(self.deadlines.due(1e9)), [])

    def test_due_in_order_and_only_what_is_due(self) -> None:
        self.add(3.0, "late")
        self.add(1.0, "early")
        self.add(2.0, "middle")
        self.assertEqual(self.deadlines.next(), 1.0)
        self.run_due(2.0)
        self.assertEqual(self.called, ["early", "middle"])
        self.assertEqual(self.deadlines.next(), 3.0)
        self.assertEqual(len(self.deadlines), 1)

    def test_same_time_in_order_of_asking(self) -> None:
        for name in "abc":
            self.add(1.0, name)
        self.run_due(1.0)
        self.assertEqual(self.called, ["a", "b", "c"])

    def test_cancelled_is_not_called(self) -> None:
        self.add(1.0, "cancelled")
        cancelled = self.entry
        self.add(2.0, "kept")
        self.deadlines.cancel(cancelled)
        self.assertEqual((self.deadlines.next(), len(self.deadlines)), (2.0, 1))
        self.run_due(5.0)
        self.assertEqual(self.called, ["kept"])

    def test_cancelling_twice_or_late_is_harmless(self) -> None:
        self.add(1.0, "done")
        done = self.entry
        self.add(2.0, "cancelled")
        self.run_due(1.0)
        self.deadlines.cancel(done)
        self.deadlines.cancel(self.entry)
        self.deadlines.cancel(self.entry)
        self.assertEqual(len(self.deadlines), 0)
        self.assertIsNone(self.deadlines.next())

    def test_what_a_call_adds_may_be_due_at_once(self) -> None:
        self.deadlines.add(1.0, lambda: self.add(1.0, "second"))
        self.run_due(1.0)
        self.assertEqual(self.called, ["second"])

    def test_a_call_may_cancel_what_is_due_after_it(self) -> None:
        self.add(2.0, "victim")
        victim = self.entry
        self.deadlines.add(1.0, lambda: self.deadlines.cancel(victim))
        self.run_due(3.0)
        self.assertEqual(self.called, [])

    def test_cancelled_entries_do_not_pile_up(self) -> None:
        self.add(1e9, "kept")
        for number in range(10_000):
            self.add(1e6 + number, "cancelled")
            self.deadlines.cancel(self.entry)
        self.assertEqual(len(self.deadlines), 1)
        self.assertLess(len(self.deadlines._heap), 200)

    @given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=300))
    def test_as_a_sorted_list(self, plan: list[tuple[int, bool]]) -> None:
        deadlines = Deadlines()
        called: list[tuple[int, int]] = []
        entries = [
            deadlines.add(when, lambda at=(when, number): called.append(at))  # type: ignore[misc]
            for number, (when, _) in enumerate(plan)
        ]
        for entry, (_, cancel) in zip(entries, plan, strict=True):
            if cancel:
                deadlines.cancel(entry)
        kept = sorted((when, n) for n, (when, cancel) in enumerate(plan) if not cancel)
        self.assertEqual(len(deadlines), len(kept))
        self.assertEqual(deadlines.next(), kept[0][0] if kept else None)
        for call in deadlines.due(10):
            call()
        self.assertEqual(called, [at for at in kept if at[0] <= 10])
        for call in deadlines.due(20):
            call()
        self.assertEqual(called, kept)
        self.assertEqual(len(deadlines), 0)
