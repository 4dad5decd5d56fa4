"""Ends a daemon that nobody uses any more: one that a program started beside itself.

Nothing tells when the last use ends, so it is looked at, ten times in the span that is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger


@dataclass(frozen=True)
class Use:
    """What is held now (calls in flight, leases, slots, runs), and how much was ever begun."""

    held: int
    begun: int

    def __add__(self, other: Use) -> Use:
        return Use(self.held + other.held, self.begun + other.begun)


class Used(Protocol):
    """A part of the daemon that knows its use."""

    def use(self) -> Use:
        """Return it."""
        ...


def total(parts: Sequence[Used]) -> Use:
    """Return the use of all parts together."""
    return sum((part.use() for part in parts), Use(0, 0))


def is_needed(idle_exit: float, parts: Sequence[Used]) -> bool:
    """Whether a daemon stays: its operator keeps it (`idle_exit` is 0), or something is held."""
    return not idle_exit or total(parts).held > 0


class IdleExit(Service):
    """Calls `stop` when none of the parts was used for `seconds`."""

    name = "idle exit"
    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        seconds: float,
        parts: Sequence[Used],
        stop: Callable[[], object],
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._parts = parts
        self._stop = stop
        self._begun = 0
        self._since = 0.0
        self._timer: IDelayedCall | None = None

    def startService(self) -> None:
        """Begin to count."""
        super().startService()
        self._begun = total(self._parts).begun
        self._since = self._clock.seconds()
        self._again()

    def stopService(self) -> None:
        """Count no more."""
        super().stopService()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self) -> None:
        self._timer = self._clock.callLater(self._seconds / 10, self._check)

    def _check(self) -> None:
        self._timer = None
        use, now = total(self._parts), self._clock.seconds()
        if use.held or use.begun != self._begun:
            self._begun, self._since = use.begun, now
        if now - self._since >= self._seconds:
            self._log.info("nobody has used this daemon for {seconds} s", seconds=self._seconds)
            self._stop()
        else:
            self._again()
