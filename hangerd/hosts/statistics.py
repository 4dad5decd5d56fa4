"""Numbers of a host: calls, faults and how long calls took, in all and by function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from hangerd.histogram import Histogram

OTHER: Final = "other"
"""Stands for the functions that a host does not have: anybody could make such names up."""


class Calls:
    """Calls that are over: how long they took, and by the code of the fault how many failed."""

    __slots__ = ("faults", "seconds")

    def __init__(self) -> None:
        self.seconds = Histogram()
        self.faults: Counter[str] = Counter()

    def add(self, seconds: float, fault: str | None) -> None:
        """Count a call in; `fault` is the code of its fault."""
        self.seconds.add(seconds)
        if fault is not None:
            self.faults[fault] += 1


class Statistics:
    """Counts since the host was defined; `is_known` tells the names of functions that it has."""

    def __init__(self, is_known: Callable[[str], bool]) -> None:
        self._is_known = is_known
        self.all = Calls()
        self.by_function: dict[str, Calls] = {}

    def add(self, function: str, seconds: float, fault: str | None) -> None:
        """Count a call that is over."""
        self.all.add(seconds, fault)
        calls = self.by_function.get(function) or self._of(function)
        calls.add(seconds, fault)

    def _of(self, function: str) -> Calls:
        name = function if self._is_known(function) else OTHER
        return self.by_function.setdefault(name, Calls())

    def as_json(self) -> dict[str, Any]:
        """Return them for the API; times in seconds."""
        seconds = self.all.seconds
        return {
            "calls": seconds.count,
            "faults": dict(self.all.faults),
            "latency": {
                "mean": seconds.mean,
                "median": seconds.quantile(0.5),
                "p99": seconds.quantile(0.99),
                "longest": seconds.longest,
            },
        }
