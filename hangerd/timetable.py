"""The deadlines of many things on one timer of the reactor: hardly any of them is ever met.

A reactor call for each of them would cost more than what most of them are for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from hangerd.deadlines import Deadlines, Entry

_NEVER: Final = float("inf")


class Timetable:
    """Wakes for the earliest deadline there was, and then asks for the next.

    The timer is not put off when that one is cancelled: one wake for nothing costs less than to
    move it each time.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self.now = clock.seconds
        """Return the clock's time, in seconds. Asked often, so there is no step in between."""
        self._deadlines = Deadlines()
        self._timer: IDelayedCall | None = None
        self._wakes = _NEVER

    def add(self, when: float, call: Callable[[], None]) -> Entry:
        """Have `call` called at `when`, in seconds of `now`."""
        entry = self._deadlines.add(when, call)
        if when < self._wakes:
            self._wake_at(when)
        return entry

    def cancel(self, entry: Entry) -> None:
        """Forget an entry; harmless when it was due or cancelled before."""
        self._deadlines.cancel(entry)

    def stop(self) -> None:
        """Leave no timer behind."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._wakes = _NEVER

    def _wake_at(self, when: float) -> None:
        self.stop()
        self._wakes = when
        self._timer = self._clock.callLater(max(0.0, when - self.now()), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._wakes = _NEVER
        try:
            for call in self._deadlines.due(self.now()):
                call()
        finally:
            when = self._deadlines.next()
            if when is not None and when < self._wakes:
                self._wake_at(when)
