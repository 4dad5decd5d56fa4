"""How long things took, counted in buckets.

Pure: it is told the seconds. A bucket has an upper bound, which belongs to it; one more bucket has
what took longer than all bounds. Counts only grow.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds, in seconds."""


class Histogram:
    """`sum` and `longest` are in seconds."""

    __slots__ = ("_buckets", "count", "longest", "sum")

    def __init__(self) -> None:
        self._buckets = [0] * (len(BOUNDS) + 1)
        self.count = 0
        self.sum = 0.0
        self.longest = 0.0

    def add(self, seconds: float) -> None:
        """Count one in."""
        self._buckets[bisect_left(BOUNDS, seconds)] += 1
        self.count += 1
        self.sum += seconds
        self.longest = max(self.longest, seconds)

    def include(self, other: Histogram) -> None:
        """Count in what another has counted."""
        self._buckets = [
            mine + more for mine, more in zip(self._buckets, other._buckets, strict=True)
        ]
        self.count += other.count
        self.sum += other.sum
        self.longest = max(self.longest, other.longest)

    @property
    def mean(self) -> float:
        """The mean in seconds, 0 of none."""
        return self.sum / self.count if self.count else 0.0

    def quantile(self, part: float) -> float:
        """Return the upper bound of the bucket in which a quantile lies, in seconds."""
        rest = part * self.count
        for bound, count in zip(BOUNDS, self._buckets, strict=False):
            rest -= count
            if rest <= 0:
                return min(bound, self.longest)
        return self.longest

    def cumulative(self) -> list[tuple[float, int]]:
        """Return for each bound, the last of which is infinite, how many took no longer."""
        return list(zip((*BOUNDS, float("inf")), accumulate(self._buckets), strict=True))
