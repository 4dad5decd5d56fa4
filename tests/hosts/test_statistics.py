"""Tests of `hangerd.hosts.statistics`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.statistics import Statistics


class StatisticsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.statistics = Statistics({"page", "card"}.__contains__)

    def test_in_all(self) -> None:
        self.assertEqual(self.statistics.as_json()["calls"], 0)
        self.statistics.add("page", 0.002, None)
        self.statistics.add("card", 0.2, "timeout")
        told = self.statistics.as_json()
        self.assertEqual((told["calls"], told["faults"]), (2, {"timeout": 1}))
        self.assertEqual(self.statistics.count, 2)
        self.assertEqual((told["latency"]["median"], told["latency"]["longest"]), (0.0025, 0.2))

    def test_by_function_and_names_that_were_made_up_are_one(self) -> None:
        for name in ("page", "page", "made-up-1", "made-up-2"):
            self.statistics.add(name, 0.1, None if name == "page" else "no_function")
        counts = {
            name: (calls.seconds.count, dict(calls.faults))
            for name, calls in self.statistics.by_function.items()
        }
        self.assertEqual(counts, {"page": (2, {}), "other": (2, {"no_function": 2})})
