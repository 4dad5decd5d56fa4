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

    def include(self, other: Calls) -> None:
        """Count in what another has counted."""
        self.seconds.include(other.seconds)
        self.faults.update(other.faults)


class Statistics:
    """Counts since the host was defined; `is_known` tells the names of functions that it has."""

    def __init__(self, is_known: Callable[[str], bool]) -> None:
        self._is_known = is_known
        self.by_function: dict[str, Calls] = {}

    def add(self, function: str, seconds: float, fault: str | None) -> None:
        """Count a call that is over."""
        calls = self.by_function.get(function) or self._of(function)
        calls.add(seconds, fault)

    def _of(self, function: str) -> Calls:
        name = function if self._is_known(function) else OTHER
        return self.by_function.setdefault(name, Calls())

    @property
    def count(self) -> int:
        """Return how many calls are over."""
        return sum(calls.seconds.count for calls in self.by_function.values())

    def as_json(self) -> dict[str, Any]:
        """Return them for the API; times in seconds."""
        total = Calls()  # put together here, so that a call is counted but once
        for calls in self.by_function.values():
            total.include(calls)
        seconds = total.seconds
        return {
            "calls": seconds.count,
            "faults": dict(total.faults),
            "latency": {
                "mean": seconds.mean,
                "median": seconds.quantile(0.5),
                "p99": seconds.quantile(0.99),
                "longest": seconds.longest,
            },
        }
