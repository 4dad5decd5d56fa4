"""How fast counters grow.

Pure: it is given the counters' values, and the time, at each look. What was not looked at the last
time has no rate yet; what is looked at no more is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping


class Growth:
    """By how much counters have grown since the look before, and how long ago that was."""

    def __init__(self) -> None:
        self._before: Mapping[str, float] = {}
        self._at = 0.0
        self._seconds = 0.0
        self._grown: dict[str, float] = {}

    def look(self, counters: Mapping[str, float], now: float) -> None:
        """Compare with the look before."""
        before = self._before
        # A counter that begins anew, as that of a host that was defined again, has grown from 0.
        self._grown = {
            name: value - before[name] if value >= before[name] else value
            for name, value in counters.items()
            if name in before
        }
        self._seconds = now - self._at
        self._before, self._at = dict(counters), now

    def grown(self, name: str) -> float:
        """Return by how much a counter has grown."""
        return self._grown.get(name, 0.0)

    def rate(self, name: str) -> float:
        """Return how much it grew in a second, as precisely as people read it."""
        if self._seconds <= 0:
            return 0.0
        exact = self.grown(name) / self._seconds
        return float(f"{exact:.3g}")
