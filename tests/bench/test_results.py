"""What the rounds gave, its goals, and its JSON."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from bench.results import Row, from_json
from tests.bench.results import RATE, TIME, result


class RowTests(SynchronousTestCase):
    """Goals."""

    def test_a_ratio_is_reached_by_the_medians(self) -> None:
        row = Row(RATE, {"hangerd": [199.0, 200.0, 900.0], "other": [100.0, 100.0, 1.0]})
        self.assertIs(row.reached("hangerd"), True)
        row.figures["other"] = [101.0]
        self.assertIs(row.reached("hangerd"), False)

    def test_a_figure_is_reached_by_itself(self) -> None:
        self.assertIs(Row(TIME, {"hangerd": [5.0]}).reached("hangerd"), True)
        self.assertIs(Row(TIME, {"hangerd": [5.1]}).reached("hangerd"), False)

    def test_without_numbers_nothing_is_known(self) -> None:
        self.assertIsNone(Row(TIME).reached("hangerd"))
        self.assertIsNone(Row(RATE, {"hangerd": [1.0]}).reached("hangerd"))


class SuiteResultTests(SynchronousTestCase):
    """Peers, and JSON."""

    def test_other_ways_to_hangerd_are_no_peers(self) -> None:
        self.assertEqual(result().peers, ["other"])

    def test_json_keeps_all(self) -> None:
        kept = result(Row(RATE, {"hangerd": [1.0]}, {"other": "no"}), Row(TIME))
        self.assertEqual(from_json(json.loads(json.dumps(kept.to_json()))).rows, kept.rows)
