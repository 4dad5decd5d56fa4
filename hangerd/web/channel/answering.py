"""The side of a connection that a `Request` writes to: headers, pieces, producers.

It is to `twisted.web.http.Request` what `twisted.web.http.HTTPChannel` is: transport and consumer
for the request, push producer for the transport. Names in Twisted's case are the ones Request and
resources call.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet._producer_helpers import _PullToPush
from twisted.internet.interfaces import (
    IAddress,
    IProducer,
    IPushProducer,
    ISSLTransport,
    ITCPTransport,
)
from twisted.web.http import _NoPushProducer
from twisted.web.http_headers import Headers

from hangerd.web.channel.sending import Outbox, TurnEnd


class Answering:
    """What a request sees of its connection. `HttpChannel` adds the reading."""

    __slots__ = (
        "_host",
        "_networkProducer",
        "_network_paused",
        "_outbox",
        "_peer",
        "_persistent",
        "_registered",
        "_requestProducer",
        "_requestProducerStreaming",
        "_secure",
        "_turn_end",
        "_waitingForTransport",
        "transport",
    )

    def __init__(self, turn_end: TurnEnd) -> None:
        self._turn_end = turn_end
        self.transport: Any = None
        self._peer: IAddress | None = None
        self._host: IAddress | None = None
        self._networkProducer: Any = None
        self._registered = False
        self._requestProducer: Any = None
        self._requestProducerStreaming = False
        self._waitingForTransport = False
        self._network_paused = False
        self._persistent = True
        self._secure = False

    def _connected(self, transport: Any) -> None:
        self.transport = transport
        self._secure = bool(ISSLTransport.providedBy(transport))
        if ITCPTransport.providedBy(transport):
            transport.setTcpNoDelay(True)
        self._outbox = Outbox(transport, self._turn_end)
        self._networkProducer = IPushProducer(transport, _NoPushProducer())
        self._networkProducer.registerProducer(self, True)
        self._registered = True

    def _unregister(self) -> None:
        """Let the transport close: it does not while it has a producer."""
        if self._registered:
            self._registered = False
            self._networkProducer.unregisterProducer()

    # What a request writes

    def writeHeaders(
        self,
        version: bytes,
        code: bytes,
        reason: bytes,
        headers: Headers | Iterable[tuple[bytes, bytes]],
    ) -> None:
        """Send a status line and headers; they are sanitized by `Headers`."""
        if not isinstance(headers, Headers):
            pairs, headers = headers, Headers()
            for name, value in pairs:
                headers.addRawHeader(name, value)
        raw = headers._rawHeaders
        if b"Connection" in raw:
            self._obey_connection(headers)
        lines = [version, b" ", code, b" ", reason, b"\r\n"]
        for name, values in raw.items():
            for value in values:
                lines += (name, b": ", value, b"\r\n")
        lines.append(b"\r\n")
        self._outbox.add(b"".join(lines))

    def _obey_connection(self, headers: Headers) -> None:
        """Close after this answer when the answer says so."""
        values = headers.getRawHeaders(b"Connection") or []
        if b"close" in b",".join(values).lower():
            self._persistent = False

    def write(self, data: bytes) -> None:
        """Send a piece of an answer."""
        self._outbox.add(data)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send pieces of an answer."""
        self._outbox.add_all(iovec)

    # What a request asks about its connection

    def getPeer(self) -> IAddress:
        """Give the client's address."""
        # Each request asks, and the transport would make a new object each time.
        if self._peer is None:
            self._peer = self.transport.getPeer()
        return self._peer

    def getHost(self) -> IAddress:
        """Give our address."""
        if self._host is None:
            self._host = self.transport.getHost()
        return self._host

    def isSecure(self) -> bool:
        """Whether the connection is encrypted."""
        return self._secure

    # Consumer for the request

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let `producer` write the answer as fast as the client reads it.

        Raises:
            RuntimeError: there is one already.
        """
        if self._requestProducer is not None:
            raise RuntimeError(
                f"Cannot register {producer}: {self._requestProducer} was never unregistered."
            )
        if streaming:
            self._requestProducer = producer
            self._requestProducerStreaming = True
        else:
            self._requestProducer = pulled = _PullToPush(producer, self)
            self._requestProducerStreaming = False
            pulled.startStreaming()

    def unregisterProducer(self) -> None:
        """Forget the request's producer."""
        producer, self._requestProducer = self._requestProducer, None
        if producer is not None and not self._requestProducerStreaming:
            producer.stopStreaming()

    # Push producer for the transport

    def pauseProducing(self) -> None:
        """Slow down: the client does not read what is sent."""
        self._waitingForTransport = True
        if self._requestProducer is not None:
            self._requestProducer.pauseProducing()
        self._pace()

    def resumeProducing(self) -> None:
        """Go on: what was sent has left."""
        self._waitingForTransport = False
        if self._requestProducer is not None:
            self._requestProducer.resumeProducing()
        self._pace()

    def stopProducing(self) -> None:
        """Stop: nothing more can be said on this connection."""
        producer, self._requestProducer = self._requestProducer, None
        if producer is not None:
            producer.stopProducing()

    def _pace(self) -> None:
        """Read from the network, or don't. The reading side knows."""
        ...
