"""The arithmetic of rounds."""

from __future__ import annotations

import math

from twisted.trial.unittest import SynchronousTestCase

from bench.figures import advantage, is_noise, median, percentile, spread


class FiguresTests(SynchronousTestCase):
    """Medians, percentiles, spreads, noise and ratios."""

    def test_the_median_is_the_middle(self) -> None:
        self.assertEqual(median([3.0, 1.0, 100.0]), 3.0)

    def test_percentiles_are_figures_that_were_measured(self) -> None:
        figures = [float(number) for number in range(1, 101)]
        self.assertEqual(percentile(figures, 50), 50.0)
        self.assertEqual(percentile(figures, 99), 99.0)
        self.assertEqual(percentile([7.0], 99), 7.0)
        self.assertEqual(percentile([2.0, 1.0], 0), 1.0)

    def test_there_is_no_percentile_of_nothing(self) -> None:
        self.assertRaises(ValueError, percentile, [], 50)

    def test_the_spread_is_half_of_the_width(self) -> None:
        self.assertAlmostEqual(spread([90.0, 100.0, 110.0]), 0.1)
        self.assertEqual(spread([5.0]), 0.0)
        self.assertEqual(spread([0.0, 0.0]), 0.0)
        self.assertEqual(spread([0.0, 0.0, 1.0]), math.inf)

    def test_rounds_that_disagree_are_noise(self) -> None:
        self.assertFalse(is_noise([90.0, 100.0, 110.0]))
        self.assertTrue(is_noise([80.0, 100.0, 115.0]))

    def test_an_advantage_is_more_or_less_of_the_unit(self) -> None:
        self.assertEqual(advantage(200.0, 100.0, higher=True), 2.0)
        self.assertEqual(advantage(200.0, 100.0, higher=False), 0.5)

    def test_nothing_at_all_is_infinitely_better(self) -> None:
        self.assertEqual(advantage(0.0, 1.0, higher=False), math.inf)
        self.assertEqual(advantage(0.0, 0.0, higher=False), 1.0)
