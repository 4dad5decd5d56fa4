"""The open connections of doors: counted, bounded, and closed together at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from typing import Any, Protocol

from twisted.internet.defer import Deferred, inlineCallbacks, succeed


class Closable(Protocol):
    """A connection that can be asked to end."""

    def close(self) -> None:
        """Write out what is pending, then close."""
        ...


class Connections:
    """At most `limit` connections, and `limit_per_client` of one client; None: as many."""

    def __init__(self, limit: int, limit_per_client: int | None = None) -> None:
        self._limit = limit
        self._limit_per_client = limit if limit_per_client is None else limit_per_client
        self._open: dict[Closable, str | None] = {}
        self._by_client: Counter[str] = Counter()
        self._all_gone: Deferred[None] | None = None

    def __len__(self) -> int:
        return len(self._open)

    @property
    def full(self) -> bool:
        """Whether one more would be too many."""
        return len(self._open) >= self._limit

    def has_room(self, client: str | None) -> bool:
        """Whether one more of this client may be taken in; None is one that has no limit."""
        if self.full:
            return False
        return client is None or self._by_client[client] < self._limit_per_client

    def add(self, connection: Closable, client: str | None = None) -> None:
        """Count a connection in."""
        self._open[connection] = client
        if client is not None:
            self._by_client[client] += 1

    def remove(self, connection: Closable) -> None:
        """Count a connection out; harmless when it was before."""
        client = self._open.pop(connection, None)
        if client is not None:
            self._by_client[client] -= 1
            if not self._by_client[client]:
                del self._by_client[client]
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


@inlineCallbacks
def close_all(pools: Sequence[Connections]) -> Generator[Deferred[None], Any, None]:
    """Ask the connections of all doors to end; fires when all have."""
    yield from [pool.close() for pool in pools]
