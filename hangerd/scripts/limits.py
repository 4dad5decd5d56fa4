"""A limit of seconds without movement: one timer, however often there is some.

Most runs are over before anybody could look at a clock: the timer is made when `watch` is called.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime


class TimeLimit:
    """Calls `expired` when nothing moved for `seconds` (None: never) while it runs."""

    def __init__(
        self, clock: IReactorTime, seconds: float | None, expired: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._expired = expired
        self._moved = 0.0
        self._counts = False
        self._alarm: IDelayedCall | None = None

    def start(self) -> None:
        """Count from now on; `watch` is called soon, and now and then."""
        self._moved = self._clock.seconds()
        self._counts = True

    def watch(self) -> None:
        """See to it that the end of the time is noticed."""
        if self._counts and self._alarm is None:
            self._due()

    def touch(self) -> None:
        """Count from now again: something moved."""
        self._moved = self._clock.seconds()

    def set(self, seconds: float | None) -> None:
        """Have another limit, from now on."""
        if self._counts:
            self.stop()
        self._seconds = seconds
        self.start()

    def stop(self) -> None:
        """Count no more until `start`."""
        self._counts = False
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _due(self) -> None:
        self._alarm = None
        if self._seconds is None:
            return
        left = self._moved + self._seconds - self._clock.seconds()
        if left > 0:
            self._alarm = self._clock.callLater(left, self._due)
        else:
            self._expired()
