"""The Twisted site of a door: it builds our connections and requests, and writes our access log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from twisted.internet.interfaces import IAddress, IHalfCloseableProtocol, IReactorTime
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.http import Request as BaseRequest
from twisted.web.http import _GenericHTTPChannelProtocol
from twisted.web.resource import IResource
from zope.interface import implementer

from hangerd.slots.limits import Quota
from hangerd.web.access import Finished, shown_path
from hangerd.web.clients import Clients
from hangerd.web.connections import Connections
from hangerd.web.cors import Headers
from hangerd.web.noted import take_note
from hangerd.web.request import Request


@dataclass(frozen=True)
class SiteRules:
    """What a site asks about requests that no resource has seen yet.

    Attributes:
        body_limit: the largest body, in bytes, for a path.
        refusal_headers: what is on an answer by the parser, for a request-target as far as that
            was read, and an Origin if there is one.
        receiving: the bytes of bodies that requests hold.
        clients: who pays for them, and for connections.
    """

    body_limit: Callable[[bytes], int]
    refusal_headers: Callable[[bytes, bytes | None], Headers]
    receiving: Quota
    clients: Clients


@implementer(IHalfCloseableProtocol)
class Connection(_GenericHTTPChannelProtocol):
    """One connection of a site: HTTP/1.1 by our channel, HTTP/2 by Twisted's where TLS has it."""

    _channel: Any
    # Whose share of the connections this takes.
    client: str | None = None

    def __init__(self, connections: Connections, channel: Any) -> None:
        super().__init__(channel)
        self._connections = connections

    def makeConnection(self, transport: Any) -> None:
        """Count the connection in."""
        self._connections.add(self, self.client)
        self._channel.client = self.client
        self._channel.makeConnection(transport)

    def connectionLost(self, reason: Failure) -> None:
        """Count the connection out."""
        self._connections.remove(self)
        self._channel.connectionLost(reason)

    def readConnectionLost(self) -> None:
        """Let the channel judge, while the connection is still there, what arrived."""
        self._channel.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """Nothing is left to do: we closed our side ourselves."""

    def close(self) -> None:
        """Write out what is pending, then close."""
        # Twisted's HTTP/2 connection has no such call of its own.
        getattr(self._channel, "loseConnection", self._channel.transport.loseConnection)()


class TurnedAway(Protocol):
    """A connection that is one too many; in place of None, for which TLS would keep it open."""

    transport: Any

    def connectionMade(self) -> None:
        """End it."""
        self.transport.abortConnection()


class Site(server.Site):
    """What answers at a door; each of `told` hears of every request that was answered."""

    displayTracebacks = False
    noisy = False

    def __init__(
        self,
        resource: IResource,
        clock: IReactorTime,
        rules: SiteRules,
        told: Sequence[Callable[[Finished], None]],
        connections: Connections,
        idle_timeout: float,
        new_channel: Callable[[], Any],
    ) -> None:
        super().__init__(
            resource,
            requestFactory=Request,
            timeout=idle_timeout,
            reactor=clock,
            parsePOSTFormSubmission=False,
        )
        self.clock = clock
        self.rules = rules
        self._told = told
        self._connections = connections
        self._new_channel = new_channel

    def protocol(self) -> Connection:
        """Make a connection's protocol."""
        return Connection(self._connections, self._new_channel())

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Take a connection in, or turn it away when there are too many."""
        client = self.rules.clients.of_connection(addr)
        if not self._connections.has_room(client):
            return TurnedAway()
        protocol: Any = super().buildProtocol(addr)
        protocol.client = client
        return protocol

    def startFactory(self) -> None:
        """Do without the log file of Twisted's site, and its timer."""

    def stopFactory(self) -> None:
        """Nothing was started."""

    def log(self, request: BaseRequest) -> None:
        """Take note of a request of Twisted's that was answered."""
        now = self.clock.seconds()
        began = getattr(request, "began", now)
        client, path = self.rules.clients.address(request), shown_path(request.path or b"-")
        code, size = request.code, request.sentLength
        note = take_note(request)
        self.finished(Finished(client, request.method, path, code, size, now - began, note))

    def finished(self, done: Finished) -> None:
        """Take note of a request that was answered; all pass here, whichever road they went."""
        for tell in self._told:
            tell(done)
