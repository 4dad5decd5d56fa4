"""Those who wait for one event of a host."""

from __future__ import annotations

from typing import Generic, TypeVar

from twisted.internet.defer import Deferred

Result = TypeVar("Result")


class Waiters(Generic[Result]):
    """Deferreds, until the event; who cancels one is forgotten."""

    def __init__(self) -> None:
        self._waiting: list[Deferred[Result]] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self) -> Deferred[Result]:
        """Return one that fires with the event."""
        waiter: Deferred[Result] = Deferred(self._forget)
        self._waiting.append(waiter)
        return waiter

    def _forget(self, waiter: Deferred[Result]) -> None:
        if waiter in self._waiting:  # else the event is being told right now
            self._waiting.remove(waiter)

    def tell(self, result: Result) -> None:
        """Fire all who wait now."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.callback(result)

    def fail(self, error: Exception) -> None:
        """Fail all who wait now."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.errback(error)
