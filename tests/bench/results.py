"""A suite's results that the tests share."""

from __future__ import annotations

from bench.contest import Goal, Measure
from bench.results import Row, SuiteResult

RATE = Measure("pages", "1/s", higher=True, goal=Goal(2.0, "other"))
TIME = Measure("wait, p50", "ms", goal=Goal(5.0))


def result(*rows: Row) -> SuiteResult:
    """Give a suite of hangerd, another way to it, and a peer."""
    return SuiteResult(
        "pages",
        "Pages.",
        ["hangerd", "hangerd direct", "other"],
        list(rows),
        rounds=3,
        seconds=1,
        machine={"cores": "2"},
        versions={"Python": "3.11"},
        absent={"third": "it could not be installed"},
        remarks=["A remark."],
    )
