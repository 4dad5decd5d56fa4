"""Tests of `hangerd.histogram`."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.histogram import BOUNDS, Histogram


def filled(*seconds: float) -> Histogram:
    histogram = Histogram()
    for each in seconds:
        histogram.add(each)
    return histogram


class HistogramTests(SynchronousTestCase):
    def test_nothing_yet(self) -> None:
        self.assertEqual((Histogram().mean, Histogram().quantile(0.99)), (0.0, 0.0))
        self.assertEqual({count for _, count in Histogram().cumulative()}, {0})

    def test_a_bound_belongs_to_its_bucket(self) -> None:
        counts = dict(filled(0.001, 0.0011, 99.0).cumulative())
        self.assertEqual((counts[0.001], counts[0.0025], counts[10.0]), (1, 2, 2))
        self.assertEqual(counts[float("inf")], 3)

    def test_quantiles_are_upper_bounds_and_never_above_the_longest(self) -> None:
        seen = filled(*[0.002] * 98, 0.2, 20.0)
        self.assertEqual(seen.quantile(0.5), 0.0025)
        self.assertEqual(seen.quantile(0.99), 0.25)
        self.assertEqual(seen.quantile(1.0), 20.0)
        self.assertEqual(filled(0.002).quantile(0.5), 0.002)
        self.assertAlmostEqual(seen.mean, (98 * 0.002 + 20.2) / 100)

    @given(st.lists(st.floats(0, 100)), st.lists(st.floats(0, 100)))
    def test_including_is_counting_both(self, one: list[float], other: list[float]) -> None:
        seen, all_at_once = filled(*one), filled(*one, *other)
        seen.include(filled(*other))
        self.assertEqual(seen.cumulative(), all_at_once.cumulative())
        self.assertEqual((seen.count, seen.longest), (all_at_once.count, all_at_once.longest))
        self.assertAlmostEqual(seen.sum, all_at_once.sum)

    @given(st.lists(st.floats(0, 100)))
    def test_agrees_with_counting(self, seconds: list[float]) -> None:
        seen = filled(*seconds)
        told = seen.cumulative()
        for bound, count in told:
            self.assertEqual(count, sum(each <= bound for each in seconds))
        self.assertTrue(all(a[1] <= b[1] for a, b in pairwise(told)))
        self.assertEqual(len(told), len(BOUNDS) + 1)
        self.assertEqual(seen.longest, max(seconds, default=0.0))
