"""Tests of `hangerd.slots.limits`."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.slots.errors import ClientFull, Full, TooManyMisses
from hangerd.slots.limits import MissBudget, Quota, SlotLimits


class QuotaTests(SynchronousTestCase):
    def test_counts_in_and_out(self) -> None:
        quota = Quota("things", 10, 10)
        quota.take("a", 4)
        quota.take("b")
        quota.give("a", 3)
        self.assertEqual(quota.used, 2)

    def test_full_for_all(self) -> None:
        quota = Quota("things", 3, 3)
        quota.take("a", 2)
        quota.take("b")
        error = self.assertRaises(Full, quota.take, "c")
        self.assertIn("things", error.message)
        self.assertGreater(error.retry_after, 0)
        self.assertEqual(quota.used, 3)

    def test_full_for_one_client(self) -> None:
        quota = Quota("things", 10, 2)
        quota.take("a", 2)
        self.assertRaises(ClientFull, quota.take, "a")
        quota.take("b", 2)
        self.assertEqual(quota.used, 4)

    def test_what_is_refused_is_not_counted(self) -> None:
        quota = Quota("things", 10, 5)
        self.assertRaises(ClientFull, quota.take, "a", 6)
        quota.take("a", 5)
        self.assertEqual(quota.used, 5)

    def test_nothing_is_always_there_to_take(self) -> None:
        quota = Quota("bytes", 1, 1)
        quota.take("a")
        quota.take("a", 0)
        quota.give("stranger", 0)
        self.assertEqual(quota.used, 1)

    def test_clients_without_anything_are_forgotten(self) -> None:
        quota = Quota("things", 10, 10)
        for number in range(1000):
            quota.take(str(number))
            quota.give(str(number))
        self.assertEqual((quota.used, len(quota._by_client)), (0, 0))


class MissBudgetTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.budget = MissBudget(self.clock.seconds, size=3, refill=0.5)

    def spend(self, times: int, client: str = "a") -> None:
        for _ in range(times):
            self.budget.spend(client)

    def test_used_up(self) -> None:
        self.spend(3)
        error = self.assertRaises(TooManyMisses, self.budget.spend, "a")
        self.assertEqual(error.retry_after, 2)

    def test_others_are_unaffected(self) -> None:
        self.spend(3)
        self.spend(3, "b")

    def test_fills_up_with_time(self) -> None:
        self.spend(3)
        self.clock.advance(2.0)
        self.spend(1)
        self.assertRaises(TooManyMisses, self.budget.spend, "a")

    def test_never_holds_more_than_its_size(self) -> None:
        self.spend(1)
        self.clock.advance(1e6)
        self.spend(3)
        self.assertRaises(TooManyMisses, self.budget.spend, "a")

    def test_refused_misses_do_not_dig_deeper(self) -> None:
        self.spend(3)
        for _ in range(100):
            self.assertRaises(TooManyMisses, self.budget.spend, "a")
        self.clock.advance(2.0)
        self.spend(1)

    def test_memory_is_bounded_by_who_misses_now(self) -> None:
        for number in range(5000):
            self.budget.spend(str(number))
            self.clock.advance(1.0)
        self.assertLess(len(self.budget), 1100)

    def test_those_who_still_owe_are_kept(self) -> None:
        self.spend(3, "guesser")
        for number in range(3000):
            self.budget.spend(str(number))
        self.assertEqual(len(self.budget), 3001)
        self.assertRaises(TooManyMisses, self.budget.spend, "guesser")

    def test_who_is_forgiven_begins_anew(self) -> None:
        self.spend(3)
        self.budget.forgive("a")
        self.budget.forgive("nobody")
        self.spend(3)

    def test_what_one_hears(self) -> None:
        budget = MissBudget(self.clock.seconds, 1, 0.1, "Too often.", "Wait.")
        budget.spend("a")
        error = self.assertRaises(TooManyMisses, budget.spend, "a")
        self.assertEqual((error.message, error.remedy), ("Too often.", "Wait."))
        self.assertEqual(error.retry_after, 10)

    def test_retry_after_is_at_least_a_second(self) -> None:
        budget = MissBudget(self.clock.seconds, size=1, refill=5.0)
        budget.spend("a")
        self.assertEqual(self.assertRaises(TooManyMisses, budget.spend, "a").retry_after, 1)


class DefaultsTests(SynchronousTestCase):
    def test_a_school_behind_one_address_meets_no_limit(self) -> None:
        """200 pupils, each with an open and a waiting slot and a full line of input."""
        limits = SlotLimits()
        opened = Quota("slots", limits.max_slots, limits.max_slots_per_client)
        held = Quota("requests", limits.max_held, limits.max_held_per_client)
        stored = Quota("bytes", limits.max_stored, limits.max_stored_per_client)
        for _ in range(200):
            opened.take("school", 2)
            held.take("school", 2)
            stored.take("school", 200_000)
        self.assertGreaterEqual(limits.miss_budget, 200 * 4)
