"""The page that shows the goals."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.report import with_goals
from bench.results import Row
from tests.bench.results import RATE, TIME, result

PAGE = "before\n<!-- goals: written by make bench -->\nold\n<!-- end of goals -->\nafter\n"


class PageTests(SynchronousTestCase):
    """What stands between the marks."""

    def test_goals_stand_between_the_marks(self) -> None:
        figures = {"hangerd": [200.0], "other": [100.0]}
        page = with_goals(PAGE, [result(Row(RATE, figures), Row(TIME, {"hangerd": [9.0]}))])
        self.assertIn(
            "| pages | pages | 200 1/s | other 100 **x 2.00** | ≥ 2.00 x other: reached |", page
        )
        self.assertIn("| pages | wait, p50 | 9.00 ms |  | ≤ 5.00 ms: not reached |", page)
        self.assertNotIn("old", page)
        self.assertTrue(page.startswith("before\n") and page.endswith("after\n"))
        self.assertEqual(with_goals(page, []).count("| suite |"), 1)

    def test_a_page_without_marks_stays(self) -> None:
        self.assertEqual(with_goals("plain", [result()]), "plain")
