"""Twisted's HTTP/1.1 channel with what hangerd's requests need of one.

It can refuse a request before its body has arrived, its own refusals look like ours, and it knows
whether an answer's connection was lost before the client can have read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol, ISSLTransport
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from hangerd.direct_send import unsent
from hangerd.web.answers import refusal_body
from hangerd.web.arrival import Deliveries
from hangerd.web.linger import Linger
from hangerd.web.reasons import reason
from hangerd.web.stalled import Stalled

_DONE = Failure(ConnectionDone())
# Bytes that a client may send behind a request that is being answered.
_MOST_AHEAD = 16384
# What a connection can begin with: a method, or the one empty line that is let pass.
_MAY_BEGIN = re.compile(rb"[!-~\r]")


class Channel(HTTPChannel):
    """One HTTP/1.1 connection."""

    site: Any
    transport: Any
    _networkProducer: Any
    _linger: Linger | None = None
    _stalled: Stalled
    _begun = False

    def __init__(self) -> None:
        super().__init__()
        self._deliveries = Deliveries()

    def connectionMade(self) -> None:
        """Begin."""
        self._stalled = Stalled(self.transport, self.callLater)
        super().connectionMade()

    def when_settled(self, settled: Callable[[bool], None]) -> bool:
        """Ask whether the answer that is about to be written was lost with its connection.

        `settled(lost)` is called when the client sends something again, or the connection ends.
        Returns False, and never calls, where that cannot be known: TLS ends a connection by itself.
        """
        if ISSLTransport.providedBy(self.transport):
            return False
        self._deliveries.ask(settled)
        return True

    def refuse(
        self, status: int, message: str, remedy: str, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Answer in place of a request whose head or body is not wanted, and end the connection."""
        if self._linger is not None:
            return
        body = refusal_body(status, message, remedy)
        head = [b"HTTP/1.1 %d %s" % (status, reason(status))]
        standing = self.site.rules.refusal_headers(getattr(self, "_path", b""), self._origin())
        for name, value in [*standing, *headers]:
            head.append(b"%s: %s" % (name, value))
        head += [
            b"Content-Type: application/json",
            b"Content-Length: %d" % len(body),
            b"Connection: close",
        ]
        self.setTimeout(None)
        self._networkProducer.unregisterProducer()
        if getattr(self, "_command", b"") == b"HEAD":
            body = b""
        self.transport.writeSequence([b"\r\n".join(head), b"\r\n\r\n", body])
        self._linger = Linger(self.transport, self.site.clock, before_abort=self._judge)
        self._log_refusal(status, len(body))

    def dataReceived(self, data: bytes) -> None:
        """Take what came in; after a refusal, throw it away."""
        if self._linger is not None:
            self._linger.received(len(data))
            return
        self._deliveries.settle(lost=False)
        if not self._begun:
            self._begun = True
            if not _MAY_BEGIN.match(data):
                # Twisted would wait for the end of a line.
                self.refuse(400, "This is not HTTP.", "Is it TLS, sent to a port without it?")
                return
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of a head; what came in one packet with something refused is none."""
        if self._linger is None:
            super().lineReceived(line)

    def rawDataReceived(self, data: bytes) -> None:
        """Take a piece of a body, or of what follows a request that is being answered."""
        if self._linger is None:
            super().rawDataReceived(data)
            if self._handlingRequest and sum(map(len, self._dataBuffer)) > _MOST_AHEAD:
                # Twisted would stop reading, and then never hear that the client has left.
                self.transport.abortConnection()

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        """Whether the connection stays open: `Connection` is a list of words (RFC 9110, 7.6.1)."""
        words = b",".join(request.requestHeaders.getRawHeaders(b"Connection", [])).lower()
        if version == b"HTTP/1.1" and b"close" not in words.replace(b" ", b"").split(b","):
            return True
        request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        return False

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a request line or header that is too long."""
        self.refuse(431, "The head of the request is too long.", "Send less than 16 KiB.")

    def connectionLost(self, reason: Failure = _DONE) -> None:
        """Tell those who wait that the client is gone."""
        self._stalled.end()
        if self._linger is not None:
            self._linger.ended()
        self._deliveries.connection_lost(clean=bool(reason.check(ConnectionDone)))
        super().connectionLost(reason)

    def readConnectionLost(self) -> None:
        """The client has closed: before it had an answer, while that was on its way, or after."""
        self._deliveries.client_closed(self.transport)
        self.transport.loseConnection()

    def loseConnection(self) -> None:
        """Close after the last answer; if it matters who has that, not before the client did."""
        if self._linger is not None:
            return
        if self._deliveries.asked:
            self._networkProducer.unregisterProducer()
            self._linger = Linger(self.transport, self.site.clock, before_abort=self._judge)
        else:
            if unsent(self.transport):
                self._stalled.begin()
            super().loseConnection()

    def pauseProducing(self) -> None:
        """More waits to be sent than the transport keeps: the client has to take some of it."""
        self._stalled.begin()
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """All of it was taken."""
        self._stalled.end()
        super().resumeProducing()

    def _protocolUpgradeForWebsockets(self, protocol: IProtocol) -> None:
        """Hand the connection over, and with it what the client sent ahead."""
        ours = self.connectionLost

        def lost(reason: Failure = _DONE) -> None:
            protocol.connectionLost(reason)
            ours(reason)

        self.setTimeout(None)
        self._stalled.end()
        self._networkProducer.unregisterProducer()
        super()._protocolUpgradeForWebsockets(protocol)
        self.connectionLost = lost  # type: ignore[method-assign]
        self._networkProducer.resumeProducing()
        rest, self._dataBuffer = b"".join(self._dataBuffer), []
        if rest:
            protocol.dataReceived(rest)

    def _respondToBadRequestAndDisconnect(self) -> None:
        size, number = self._receivedHeaderSize, self._receivedHeaderCount
        if size > self.totalHeadersSize or number > self.maxHeaders:
            self.lineLengthExceeded(b"")
        else:
            self.refuse(400, "This is not a request that HTTP/1.1 allows.", "See RFC 9112.")

    def _send100Continue(self) -> None:
        if self._linger is None:
            super()._send100Continue()

    def _origin(self) -> bytes | None:
        """The Origin of a request whose head is perhaps incomplete."""
        # Twisted's channel keeps a header back until it sees that the next line does not go on.
        name, _, value = cast(bytes, getattr(self, "_HTTPChannel__header", b"")).partition(b":")
        if name.lower() == b"origin":
            return value.strip()
        request = self.requests[-1] if self.requests else None
        return request.getHeader(b"Origin") if request else None

    def _log_refusal(self, status: int, size: int) -> None:
        """Write the access log's line, by as much of the request as there is."""
        request = self.requests[-1] if self.requests else self.requestFactory(self, False)
        request.method = getattr(self, "_command", b"-")
        request.path = getattr(self, "_path", b"-").split(b"?")[0]
        request.client = self.getPeer()
        request.code, request.sentLength = status, size
        self.site.log(request)

    def _judge(self) -> None:
        self._deliveries.judge(self.transport)
