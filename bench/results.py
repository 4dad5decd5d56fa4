"""What the rounds gave: figures by measure and contestant, as they are kept in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.contest import Goal, Measure
from bench.figures import advantage, median


@dataclass
class Row:
    """One measure: the figures of each contestant in order of rounds, or why there are none."""

    measure: Measure
    figures: dict[str, list[float]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def advantage(self, ours: str, theirs: str) -> float:
        """Give how many times better the median of `ours` is. Raises KeyError: not measured."""
        return advantage(
            median(self.figures[ours]), median(self.figures[theirs]), higher=self.measure.higher
        )

    def reached(self, ours: str) -> bool | None:
        """Whether the goal is reached; None without a goal, or without its numbers."""
        goal = self.measure.goal
        if goal is None or ours not in self.figures:
            return None
        if goal.beside:
            found = goal.beside in self.figures
            return self.advantage(ours, goal.beside) >= goal.value if found else None
        figure = median(self.figures[ours])
        return figure >= goal.value if self.measure.higher else figure <= goal.value


@dataclass
class SuiteResult:
    """The rows of a suite.

    The first of the contestants is the hangerd that is compared; others that are called so
    are other ways to it.
    """

    name: str
    about: str
    contestants: Sequence[str]
    rows: list[Row]
    rounds: int
    seconds: int
    machine: dict[str, str]
    versions: dict[str, str]
    absent: dict[str, str]
    remarks: Sequence[str] = ()

    @property
    def peers(self) -> list[str]:
        """Those beside whom hangerd is measured."""
        return [name for name in self.contestants if not name.startswith("hangerd")]

    def to_json(self) -> dict[str, Any]:
        """Give what JSON can say."""
        return asdict(self)


def from_json(kept: dict[str, Any]) -> SuiteResult:
    """Give what `to_json` said."""
    return SuiteResult(**{**kept, "rows": [_row(row) for row in kept["rows"]]})


def _row(kept: dict[str, Any]) -> Row:
    measure = dict(kept["measure"])
    goal = measure.pop("goal")
    return Row(
        Measure(**measure, goal=Goal(**goal) if goal else None), kept["figures"], kept["reasons"]
    )
