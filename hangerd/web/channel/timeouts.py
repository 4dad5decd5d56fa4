"""One coarse sweep over all connections of a site, instead of a reactor call for each request.

A connection notes the sweep's time when it enters a phase, which costs an assignment. The sweep
then asks each connection whether it is overdue; no connection is ended early, and each at most
two intervals late.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger


class Phase(IntEnum):
    """What a connection waits for."""

    IDLE = 0
    HEAD = 1
    BODY = 2
    ANSWER = 3
    OVER = 4


class Swept(Protocol):
    """A connection that can be overdue."""

    def swept(self, now: float, interval: float) -> None:
        """End yourself if overdue at `now`, in seconds; noted times are up to `interval` old."""
        ...


class Sweep:
    """Looks at every connection each `interval` seconds, as long as there is one."""

    __slots__ = ("_call", "_clock", "_connections", "interval", "now")

    _log = Logger()

    def __init__(self, clock: IReactorTime, interval: float) -> None:
        self._clock = clock
        self._connections: set[Swept] = set()
        self._call: IDelayedCall | None = None
        self.interval = interval
        self.now = clock.seconds()
        """Seconds on the clock when the sweep last looked."""

    def watch(self, connection: Swept) -> None:
        """Look at `connection` from now on."""
        self._connections.add(connection)
        if self._call is None:
            self.now = self._clock.seconds()
            self._call = self._clock.callLater(self.interval, self._sweep)

    def forget(self, connection: Swept) -> None:
        """Look at `connection` no more. The timer ends with the last one."""
        self._connections.discard(connection)
        if not self._connections and self._call is not None:
            self._call.cancel()
            self._call = None

    def _sweep(self) -> None:
        self._call = self._clock.callLater(self.interval, self._sweep)
        self.now = self._clock.seconds()
        for connection in tuple(self._connections):
            # One connection's trouble must not keep the others alive.
            try:
                connection.swept(self.now, self.interval)
            except Exception:
                self._log.failure("A connection could not be ended.")
