"""The end of a connection whose request was refused while its body still came in.

Closing at once would reset the connection, and the client might never see why. So we answer, close
our side, and throw away what still comes, for a bounded time and size.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IReactorTime

SECONDS = 2.0
SIZE = 16 * 1024 * 1024


class Linger:
    """Throws away what a refused client sends, until it closes or either bound is reached."""

    def __init__(self, transport: Any, clock: IReactorTime) -> None:
        self._transport = transport
        self._left = SIZE
        self._call = clock.callLater(SECONDS, self._abort)
        half_close = getattr(transport, "loseWriteConnection", None)
        if half_close is None:
            # TLS ends in both directions at once.
            transport.loseConnection()
        else:
            half_close()

    def received(self, size: int) -> None:
        """Count what was thrown away."""
        self._left -= size
        if self._left < 0:
            self._abort()

    def ended(self) -> None:
        """The connection is gone."""
        if self._call.active():
            self._call.cancel()

    def _abort(self) -> None:
        self.ended()
        self._transport.abortConnection()
