"""How late the reactor is: a call once a second, and how much later than that it came.

What keeps it busy keeps everybody waiting as long.
"""

from __future__ import annotations

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from hangerd.histogram import Histogram

_INTERVAL = 1.0


class LagService(Service):
    """Counts in `seen` how late each of its calls was, in seconds."""

    name = "lag"

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._call: IDelayedCall | None = None
        self.seen = Histogram()

    def startService(self) -> None:
        """Begin to look."""
        super().startService()
        self._call_later()

    def stopService(self) -> None:
        """Look no more."""
        super().stopService()
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _call_later(self) -> None:
        due = self._clock.seconds() + _INTERVAL
        self._call = self._clock.callLater(_INTERVAL, self._look, due)

    def _look(self, due: float) -> None:
        self.seen.add(max(0.0, self._clock.seconds() - due))
        self._call_later()
