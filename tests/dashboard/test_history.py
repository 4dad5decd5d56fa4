"""Tests of `hangerd.dashboard.history`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.dashboard.history import History


class HistoryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.history = History(3)

    def test_nothing_yet(self) -> None:
        self.assertEqual(
            (self.history.series(), self.history.last, self.history.count), ({}, {}, 0)
        )

    def test_the_oldest_steps_go(self) -> None:
        for number in range(5):
            self.history.add({"a": number})
        self.assertEqual(self.history.series(), {"a": [2, 3, 4]})
        self.assertEqual((self.history.count, self.history.last), (5, {"a": 4}))

    def test_a_series_that_comes_and_goes(self) -> None:
        for values in ({"a": 1.0}, {"a": 2.0, "b": 5.0}, {"a": 3.0}):
            self.history.add(values)
        self.assertEqual(self.history.series(), {"a": [1, 2, 3], "b": [None, 5, None]})
        for _ in range(2):
            self.history.add({"a": 4.0})
        self.assertEqual(self.history.series(), {"a": [3, 4, 4]})

    def test_whether_a_step_differs(self) -> None:
        told = [self.history.add(values) for values in ({}, {"a": 1}, {"a": 1}, {"a": None}, {})]
        self.assertEqual(told, [True, True, False, True, True])

    def test_what_is_given_may_change_later(self) -> None:
        values = {"a": 1.0}
        self.history.add(values)
        values["a"] = 2.0
        self.assertEqual(self.history.last, {"a": 1.0})
