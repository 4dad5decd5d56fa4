"""Twisted's HTTP/1.1 channel with what hangerd's requests need of one.

It can refuse a request before its body has arrived, its own refusals look like ours, and it knows
whether an answer's connection was lost before the client can have read it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ISSLTransport
from twisted.python.failure import Failure
from twisted.web.http import RESPONSES, HTTPChannel

from hangerd.web.answers import refusal_body
from hangerd.web.arrival import unacknowledged
from hangerd.web.linger import Linger

_DONE = Failure(ConnectionDone())


class Channel(HTTPChannel):
    """One HTTP/1.1 connection."""

    site: Any
    transport: Any
    _networkProducer: Any
    _linger: Linger | None = None
    _on_settled: Callable[[bool], None] | None = None
    _left_early = False

    def when_settled(self, settled: Callable[[bool], None]) -> bool:
        """Ask whether the answer that is about to be written was lost with its connection.

        `settled(lost)` is called when the client sends something again, or the connection ends.
        Returns False, and never calls, where that cannot be known: TLS ends a connection by itself.
        """
        if ISSLTransport.providedBy(self.transport):
            return False
        self._on_settled = settled
        return True

    def refuse(self, status: int, message: str, remedy: str) -> None:
        """Answer in place of a request whose head or body is not wanted, and end the connection."""
        if self._linger is not None:
            return
        body = refusal_body(status, message, remedy)
        origins = self.requests[-1].requestHeaders.getRawHeaders(b"Origin") if self.requests else []
        head = [b"HTTP/1.1 %d %s" % (status, RESPONSES.get(status, b"Refused"))]
        for name, value in self.site.rules.refusal_headers(origins[0] if origins else None):
            head.append(b"%s: %s" % (name, value))
        head += [
            b"Content-Type: application/json",
            b"Content-Length: %d" % len(body),
            b"Connection: close",
        ]
        self.setTimeout(None)
        self._networkProducer.unregisterProducer()
        self.transport.writeSequence([b"\r\n".join(head), b"\r\n\r\n", body])
        self._linger = Linger(self.transport, self.site.clock)

    def dataReceived(self, data: bytes) -> None:
        """Take what came in; after a refusal, throw it away."""
        if self._linger is not None:
            self._linger.received(len(data))
            return
        self._settle(lost=False)
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of a request's head, unless one before it in the same bytes was refused."""
        if self._linger is None:
            super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a request line or header that is too long."""
        self.refuse(431, "The request line or a header is too long.", "Send less than 16 KiB.")

    def connectionLost(self, reason: Failure = _DONE) -> None:
        """Tell those who wait that the client is gone."""
        if self._linger is not None:
            self._linger.ended()
        self._settle(lost=self._left_early or not reason.check(ConnectionDone))
        super().connectionLost(reason)

    def readConnectionLost(self) -> None:
        """The client has closed: before it had an answer, while that was on its way, or after."""
        self._left_early = self._on_settled is None or unacknowledged(self.transport)
        self.transport.loseConnection()

    def _respondToBadRequestAndDisconnect(self) -> None:
        self.refuse(400, "This is not a request that HTTP/1.1 allows.", "See RFC 9112.")

    def _send100Continue(self) -> None:
        if self._linger is None:
            super()._send100Continue()

    def _settle(self, *, lost: bool) -> None:
        settled, self._on_settled = self._on_settled, None
        if settled is not None:
            settled(lost)
