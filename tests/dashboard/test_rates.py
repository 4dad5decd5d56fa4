"""Tests of `hangerd.dashboard.rates`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.dashboard.rates import Growth


class GrowthTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.growth = Growth()

    def test_the_first_look_tells_nothing(self) -> None:
        self.growth.look({"a": 100}, 50.0)
        self.assertEqual((self.growth.grown("a"), self.growth.rate("a")), (0.0, 0.0))

    def test_since_the_look_before(self) -> None:
        for value, now in ((100, 50.0), (110, 54.0)):
            self.growth.look({"a": value}, now)
        self.assertEqual((self.growth.grown("a"), self.growth.rate("a")), (10.0, 2.5))
        self.growth.look({"a": 110}, 55.0)
        self.assertEqual(self.growth.rate("a"), 0.0)

    def test_three_digits_are_enough(self) -> None:
        self.growth.look({"a": 0}, 0.0)
        self.growth.look({"a": 12345}, 1.0)
        self.assertEqual(self.growth.rate("a"), 12300.0)

    def test_a_counter_that_begins_anew(self) -> None:
        self.growth.look({"a": 100}, 1.0)
        self.growth.look({"a": 3}, 2.0)
        self.assertEqual(self.growth.rate("a"), 3.0)

    def test_a_counter_that_is_gone_or_new(self) -> None:
        self.growth.look({"a": 100}, 1.0)
        self.growth.look({"b": 5}, 2.0)
        self.assertEqual((self.growth.rate("a"), self.growth.rate("b")), (0.0, 0.0))

    def test_two_looks_at_once(self) -> None:
        for value in (1, 2):
            self.growth.look({"a": value}, 1.0)
        self.assertEqual(self.growth.rate("a"), 0.0)
