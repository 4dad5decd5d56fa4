"""How often threads take turns: as CPython does beside short scripts, ten times so beside long.

A script that computes holds everything else up by one interval at each turn, and CPython's 5 ms
are felt. But short turns cost throughput: where all scripts are short, nobody gains by them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

BUSY_INTERVAL = 0.0005
LONG = 0.05  # seconds that a script runs before it counts as long


class Pace:
    """Looks after the interval while there are runs; `longest` is the age of the oldest."""

    def __init__(
        self,
        clock: IReactorTime,
        longest: Callable[[], float | None],
        set_interval: Callable[[float], None] = sys.setswitchinterval,
    ) -> None:
        self._clock = clock
        self._longest = longest
        self._set_interval = set_interval
        self._usual = sys.getswitchinterval()
        self._alarm: IDelayedCall | None = None

    def watch(self) -> None:
        """Look, as long as there are runs."""
        if self._alarm is None:
            self._alarm = self._clock.callLater(LONG, self._look)

    def stop(self) -> None:
        """Look no more, and leave things as they were."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._set_interval(self._usual)

    def _look(self) -> None:
        self._alarm = None
        age = self._longest()
        self._set_interval(BUSY_INTERVAL if age is not None and age >= LONG else self._usual)
        if age is not None:
            self.watch()
