"""The words of a contest: what is measured, who takes part, and why something has no number."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

T = TypeVar("T")


class NotMeasured(Exception):
    """Something has no number here, for a reason that the table tells."""


@dataclass(frozen=True)
class Goal:
    """What hangerd is to reach: a ratio to a peer (`beside`), or a figure of its own."""

    value: float
    beside: str = ""


@dataclass(frozen=True)
class Measure:
    """One row of a table; `higher` is whether more of the unit is better."""

    title: str
    unit: str
    higher: bool = False
    goal: Goal | None = None


@dataclass(frozen=True)
class Case(Generic[T]):
    """One load; `run` is given a started server, and gives one figure for each measure.

    A figure is None when it can be seen only of a server that we have started ourselves.
    `run` raises NotMeasured where a server can not do it. What takes long and hardly differs is run
    in `most` rounds only; None is all of them.
    """

    measures: Sequence[Measure]
    run: Callable[[T], Sequence[float | None]]
    most: int | None = None


@dataclass(frozen=True)
class Contestant(Generic[T]):
    """A server that can be started: `start` is a context in which it runs."""

    name: str
    start: Callable[[], AbstractContextManager[T]]
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contest(Generic[T]):
    """A suite: who is measured, by which cases, and who could not take part (name: reason)."""

    name: str
    about: str
    contestants: Sequence[Contestant[T]]
    cases: Sequence[Case[T]]
    absent: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()


def matching(contest: Contest[T], pattern: str) -> Contest[T]:
    """Give a contest with those cases alone that have a title in which a pattern is found."""
    found = [
        case
        for case in contest.cases
        if any(re.search(pattern, measure.title) for measure in case.measures)
    ]
    return replace(contest, cases=found)
