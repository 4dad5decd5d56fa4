"""The waking of one reader: it waits for the next ring, and may give up waiting."""

from __future__ import annotations

from twisted.internet.defer import Deferred


class Bell:
    """Rung when there is something to read. Nobody waiting is no error, and no ring is kept."""

    __slots__ = ("_waiter",)

    def __init__(self) -> None:
        self._waiter: Deferred[None] | None = None

    def wait(self) -> Deferred[None]:
        """Fires at the next ring; cancelling it forgets the reader."""
        self._waiter = Deferred(self._forget)
        return self._waiter

    def ring(self) -> None:
        """Wake the reader, if one waits."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.callback(None)

    def _forget(self, _: Deferred[None]) -> None:
        self._waiter = None
