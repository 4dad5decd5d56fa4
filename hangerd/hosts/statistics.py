"""Numbers of a host: calls, faults and how long calls took."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any, Final

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histogram, in seconds; one more bucket has what took longer."""


@dataclass(slots=True)
class Statistics:
    """Counts since the host was defined."""

    calls: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def add(self, seconds: float, fault: str | None) -> None:
        """Count a call that is over; `fault` is the code of its fault."""
        self.calls += 1
        self.seconds += seconds
        self.longest = max(self.longest, seconds)
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        if fault is not None:
            self.faults[fault] = self.faults.get(fault, 0) + 1

    def as_json(self) -> dict[str, Any]:
        """Return them for the API; times in seconds."""
        return {
            "calls": self.calls,
            "faults": dict(self.faults),
            "latency": {
                "mean": self.seconds / self.calls if self.calls else 0.0,
                "median": self._quantile(0.5),
                "p99": self._quantile(0.99),
                "longest": self.longest,
            },
        }

    def _quantile(self, part: float) -> float:
        """Return the upper bound of the bucket in which the quantile lies."""
        rest = part * self.calls
        for bound, count in zip(BOUNDS, self.buckets, strict=False):
            rest -= count
            if rest <= 0:
                return min(bound, self.longest)
        return self.longest
