"""The end of a connection whose client may still be sending, or has not yet read its answer.

Closing at once would reset the connection, and the client might never see why. So we answer, close
our side, and throw away what still comes, for a bounded time and size. Source: RFC 9112 section
9.6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorTime, ISSLTransport

from hangerd.web.arrival import untaken

SECONDS = 2.0
SIZE = 16 * 1024 * 1024


class Linger:
    """Throws away what a refused client sends, until it closes or either bound is reached.

    Made when the answer is written and the transport's producer is unregistered. `seconds` bound
    the time in which nothing of the answer was taken, `size` the bytes that come; then
    `before_abort` is called, and the connection aborted.
    """

    __slots__ = ("_before_abort", "_call", "_clock", "_left", "_seconds", "_transport", "_untaken")

    def __init__(
        self,
        transport: Any,
        clock: IReactorTime,
        seconds: float = SECONDS,
        size: int = SIZE,
        before_abort: Callable[[], None] = lambda: None,
    ) -> None:
        self._transport = transport
        self._before_abort = before_abort
        self._left = size
        self._clock = clock
        self._seconds = seconds
        self._untaken = untaken(transport) or 0
        self._call = clock.callLater(seconds, self._look)
        resume = getattr(transport, "resumeProducing", None)
        if resume is not None:
            resume()  # reading may have been paused, and the client's end must be noticed
        half_close = getattr(transport, "loseWriteConnection", None)
        if half_close is None:
            transport.loseConnection()
        elif not ISSLTransport.providedBy(transport):
            # TLS has no half-close, and Twisted's would hand the call to the socket below it.
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

    def _look(self) -> None:
        left = untaken(self._transport) or 0
        if 0 < left < self._untaken:  # slowly, but the client reads
            self._untaken = left
            self._call = self._clock.callLater(self._seconds, self._look)
        else:
            self._abort()

    def _abort(self) -> None:
        self.ended()
        self._before_abort()
        self._transport.abortConnection()
