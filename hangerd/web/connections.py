"""The open connections of all doors: counted, bounded, and closed together at the end."""

from __future__ import annotations

from typing import Protocol

from twisted.internet.defer import Deferred, succeed


class Closable(Protocol):
    """A connection that can be asked to end."""

    def close(self) -> None:
        """Write out what is pending, then close."""
        ...


class Connections:
    """At most `limit` connections; more than that are not taken in."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: set[Closable] = set()
        self._all_gone: Deferred[None] | None = None

    def __len__(self) -> int:
        return len(self._open)

    @property
    def full(self) -> bool:
        """Whether one more would be too many."""
        return len(self._open) >= self._limit

    def add(self, connection: Closable) -> None:
        """Count a connection in."""
        self._open.add(connection)

    def remove(self, connection: Closable) -> None:
        """Count a connection out."""
        self._open.discard(connection)
        if self._all_gone is not None and not self._open:
            gone, self._all_gone = self._all_gone, None
            gone.callback(None)

    def close(self) -> Deferred[None]:
        """Ask all to end; fires when all have."""
        if not self._open:
            return succeed(None)
        gone: Deferred[None] = Deferred()
        self._all_gone = gone
        for connection in list(self._open):
            connection.close()
        return gone
