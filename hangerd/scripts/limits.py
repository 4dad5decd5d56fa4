"""A limit of seconds without movement: one timer, however often there is some."""

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
        self._alarm: IDelayedCall | None = None

    def start(self) -> None:
        """Count from now on."""
        self.touch()
        if self._alarm is None and self._seconds is not None:
            self._alarm = self._clock.callLater(self._seconds, self._due)

    def touch(self) -> None:
        """Count from now again: something moved."""
        self._moved = self._clock.seconds()

    def set(self, seconds: float | None) -> None:
        """Have another limit, from now on."""
        self.stop()
        self._seconds = seconds
        self.start()

    def stop(self) -> None:
        """Count no more until `start`."""
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
