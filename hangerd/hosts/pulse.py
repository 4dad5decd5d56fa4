"""Whether an instance's loop turns: it is pinged, and given up when it stays silent too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

PING_EVERY: Final = 5.0


class Pulse:
    """`patience` says for how many seconds an answer may be missing; None is for ever."""

    def __init__(
        self,
        ping: Callable[[], Deferred[float]],
        patience: Callable[[], float | None],
        clock: IReactorTime,
        hung: Callable[[], None],
    ) -> None:
        self._ping = ping
        self._patience = patience
        self._clock = clock
        self._hung = hung
        self._timer: IDelayedCall | None = None
        self._stopped = False
        self.lag: float | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._timer = self._clock.callLater(PING_EVERY, self._ask)

    def stop(self) -> None:
        """Ask no more; what was asked is forgotten."""
        self._stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _ask(self) -> None:
        asked = self._clock.seconds()
        self._ping().addCallbacks(self._answered, lambda _: None)
        self._wait(asked)

    def _wait(self, asked: float) -> None:
        """Look again each second: patience may change while an answer is missing."""
        if not self._stopped:
            self._timer = self._clock.callLater(1.0, self._look, asked)

    def _look(self, asked: float) -> None:
        patience = self._patience()
        if patience is not None and self._clock.seconds() - asked > patience:
            self._stopped = True
            self._hung()
        else:
            self._wait(asked)

    def _answered(self, lag: float) -> None:
        self.lag = lag
        if not self._stopped:
            if self._timer is not None and self._timer.active():
                self._timer.cancel()
            self._timer = self._clock.callLater(PING_EVERY, self._ask)
