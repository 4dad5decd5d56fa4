"""Tables and plots of results."""

from __future__ import annotations

from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from bench.plot import Bar, bars, plot
from bench.results import Row
from bench.table import number, table
from tests.bench.results import RATE, TIME, result

FIGURES = {
    "hangerd": [200.0, 200.0, 220.0],
    "hangerd direct": [300.0, 300.0, 300.0],
    "other": [50.0, 100.0, 150.0],
}


class NumberTests(SynchronousTestCase):
    """Three digits."""

    def test_three_digits_without_an_exponent(self) -> None:
        told = [number(figure) for figure in (0.0, 0.01234, 1.2345, 12.345, 1234.5, 1234567.0)]
        self.assertEqual(told, ["0", "0.0123", "1.23", "12.3", "1,234", "1,234,567"])
        self.assertEqual(number(float("inf")), "∞")


class TableTests(SynchronousTestCase):
    """What a reader is told."""

    def test_figures_ratios_and_goals(self) -> None:
        told = table(result(Row(RATE, FIGURES)))
        self.assertIn("| pages | 1/s | 200 (±5 %) | 300 (±0 %) | ", told)
        self.assertIn("| 100 (noise, ±50 %) **x 2.00** | ≥ 2.00 x other: reached |", told)

    def test_one_round_has_no_spread(self) -> None:
        self.assertIn("| 3.00 | - | - |", table(result(Row(TIME, {"hangerd": [3.0]}))))

    def test_of_what_is_mostly_nothing_the_most_is_told(self) -> None:
        told = table(result(Row(TIME, {"hangerd": [0.0, 0.0, 2.0]})))
        self.assertIn("| 0 (up to 2.00) |", told)

    def test_what_is_missing_is_named(self) -> None:
        told = table(result(Row(TIME, {}, {"other": "it has no pages"})))
        self.assertIn("- other, wait, p50: it has no pages\n", told)
        self.assertIn("- third did not take part: it could not be installed\n", told)
        self.assertIn("≤ 5.00 ms: not measured", told)

    def test_machine_and_versions_are_named(self) -> None:
        told = table(result())
        self.assertIn("- A remark.\n", told)
        self.assertIn("- 3 rounds of 1 s for each load. cores 2. Python 3.11.\n", told)

    def test_a_goal_that_is_missed_is_said(self) -> None:
        self.assertIn("not reached", table(result(Row(TIME, {"hangerd": [9.0]}))))


class PlotTests(SynchronousTestCase):
    """Bars."""

    def test_there_is_a_bar_for_each_peer_that_was_measured(self) -> None:
        drawn = bars(result(Row(RATE, FIGURES), Row(TIME, {"hangerd": [1.0]})))
        self.assertEqual(drawn, [Bar("pages", "other", 2.0, noise=True)])

    def test_it_is_a_picture(self) -> None:
        worse = Row(TIME, {"hangerd": [9.0], "other": [0.001]})
        root = ElementTree.fromstring(plot(result(Row(RATE, FIGURES), worse)))
        texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("beside other", texts)
        self.assertIn("2.00", texts)

    def test_nothing_to_draw_is_a_picture_too(self) -> None:
        ElementTree.fromstring(plot(result()))
