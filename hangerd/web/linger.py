"""The end of a connection whose request was refused while its body still came in.

Closing at once would reset the connection, and the client might never see why. So we answer, close
our side, and throw away what still comes, for a bounded time and size. Source: RFC 9112 section
9.6.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime, ISSLTransport

SECONDS = 2.0
SIZE = 16 * 1024 * 1024


class Linger:
    """Throws away what a refused client sends, until it closes or either bound is reached.

    Made when the answer is written and the transport's producer is unregistered. `seconds` bound
    the wait for the client; then, once more, the wait for what is still to be sent. `size` is in
    bytes.
    """

    __slots__ = ("_call", "_clock", "_left", "_seconds", "_transport")

    def __init__(
        self, transport: Any, clock: IReactorTime, seconds: float = SECONDS, size: int = SIZE
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._seconds = seconds
        self._left = size
        self._call: IDelayedCall | None = clock.callLater(seconds, self._close)
        resume = getattr(transport, "resumeProducing", None)
        if resume is not None:
            resume()  # reading may have been paused; the client's end must be noticed
        # TLS knows no half-close, and Twisted's TLS would hand the call to the socket below it.
        half_close = getattr(transport, "loseWriteConnection", None)
        if half_close is not None and not ISSLTransport.providedBy(transport):
            half_close()

    def received(self, size: int) -> None:
        """Count what was thrown away."""
        if self._left >= 0:
            self._left -= size
            if self._left < 0:
                self._close()

    def ended(self) -> None:
        """The connection is gone."""
        call, self._call = self._call, None
        if call is not None and call.active():
            call.cancel()

    def _close(self) -> None:
        self.ended()
        self._left = -1
        self._call = self._clock.callLater(self._seconds, self._abort)
        self._transport.loseConnection()

    def _abort(self) -> None:
        self._call = None
        getattr(self._transport, "abortConnection", self._transport.loseConnection)()
