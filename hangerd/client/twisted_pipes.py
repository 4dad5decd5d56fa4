"""Connections in a Twisted reactor, for `hangerd.client.tx`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.defer import TimeoutError as GaveUp
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint, connectProtocol
from twisted.internet.error import ConnectError, ConnectionLost
from twisted.internet.interfaces import IHandshakeListener, IStreamClientEndpoint
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from zope.interface import implementer

from hangerd.client.errors import Unreachable
from hangerd.client.pipes import Address, Pipe, Receiver
from hangerd.client.session import Awaited
from hangerd.direct_send import unsent

Result = TypeVar("Result")


@implementer(IHandshakeListener)
class TwistedPipe(Protocol):
    """A transport and who takes what comes. It is its transport's producer of bytes to send.

    `greeted` (for TLS) fires when the other side has shown who it is, or fails. `local` is for a
    Unix socket.
    """

    def __init__(
        self,
        reactor: Any,
        receiver: Receiver,
        greeted: Deferred[None] | None = None,
        *,
        local: bool,
    ) -> None:
        self._reactor = reactor
        self._receiver = receiver
        self._local = local
        self._open = True
        self._full = False
        self._waiting: list[Deferred[None]] = []
        self._greeted = greeted

    def handshakeCompleted(self) -> None:
        """Trust the other side from here on."""
        if self._greeted is not None and not self._greeted.called:
            self._greeted.callback(None)

    def connectionMade(self) -> None:
        """Be told when there is no room."""
        self.transport.registerProducer(self, True)  # type: ignore[union-attr]

    def dataReceived(self, data: bytes) -> None:
        """Pass it on; what breaks the protocol ends the connection."""
        try:
            self._receiver.feed(data)
        except Exception as error:
            self._end(str(error))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell of the end: a Unix socket fails when the other side has not read all.

        What has not even left is as surely unread.
        """
        if self._greeted is not None and not self._greeted.called:
            self._greeted.errback(reason)
        failed = reason.check(ConnectionLost) is not None
        unread = self._local and (failed or bool(unsent(self.transport)))
        self._end(reason.getErrorMessage(), unread=unread)

    def pauseProducing(self) -> None:
        """Let who sends wait."""
        self._full = True

    def resumeProducing(self) -> None:
        """Let him go on."""
        self._full = False
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.callback(None)

    def stopProducing(self) -> None:
        """Do nothing: connectionLost follows."""

    def write(self, data: bytes) -> None:
        """Have it sent."""
        if self._open:
            self.transport.write(data)  # type: ignore[union-attr]

    async def drain(self, deadline: float | None) -> None:
        """Wait until there is room."""
        if self._full and self._open:
            room: Deferred[None] = Deferred(self._waiting.remove)
            self._waiting.append(room)
            await in_time(self._reactor, room, deadline)

    async def wait(self, awaited: Awaited, deadline: float | None) -> None:
        """Wait in the reactor."""
        try:
            while not awaited.ready:
                changed: Deferred[None] = Deferred()
                awaited.wake = _ringing(changed)
                await in_time(self._reactor, changed, deadline)
        finally:
            awaited.wake = None

    def look(self) -> bool:
        """The reactor has taken what has come."""
        return self._open

    def own(self) -> None:
        """Let it pass: a loop does not outlive a fork."""

    def close(self) -> None:
        """Close the connection."""
        self._end("closed")

    def _end(self, reason: str, *, unread: bool = False) -> None:
        if not self._open:
            return
        self._open = False
        self.resumeProducing()
        self.transport.unregisterProducer()  # type: ignore[union-attr]
        self.transport.loseConnection()  # type: ignore[union-attr]
        self._receiver.lost(reason, unread)


def _ringing(changed: Deferred[None]) -> Callable[[], None]:
    def ring() -> None:
        if not changed.called:
            changed.callback(None)

    return ring


async def in_time(reactor: Any, found: Deferred[Result], deadline: float | None) -> Result:
    """Return what is found until `deadline`. Raises TimeoutError."""
    if deadline is not None:
        found.addTimeout(max(0.0, deadline - time.monotonic()), reactor)
    try:
        return await found
    except GaveUp:
        raise TimeoutError from None


class TwistedIo:
    """A reactor that runs."""

    shared = True

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def now(self) -> float:
        """As time.monotonic."""
        return time.monotonic()

    async def open(self, address: Address, receiver: Receiver, deadline: float | None) -> Pipe:
        """Connect."""
        greeted: Deferred[None] | None = Deferred() if address.tls else None
        pipe = TwistedPipe(self._reactor, receiver, greeted, local=bool(address.path))
        connecting = connectProtocol(_endpoint(self._reactor, address), pipe)
        try:
            await in_time(self._reactor, connecting, deadline)
        except ConnectError as error:
            raise OSError(error.osError or 0, str(error)) from None
        if greeted is not None:
            await self._greet(pipe, greeted, deadline)
        return pipe

    async def _greet(
        self, pipe: TwistedPipe, greeted: Deferred[None], deadline: float | None
    ) -> None:
        """Return when TLS is agreed on. Raises OSError with what was wrong."""
        from hangerd.client.twisted_tls import explained

        try:
            await in_time(self._reactor, greeted, deadline)
        except TimeoutError:
            pipe.close()
            raise
        except Exception as error:
            raise explained(error) from None

    def lock(self) -> AbstractAsyncContextManager[Any]:
        """Twisted's."""
        return cast("AbstractAsyncContextManager[Any]", DeferredLock())

    async def sleep(self, seconds: float) -> None:
        """As deferLater."""
        await deferLater(self._reactor, seconds)

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Do it in a thread of the reactor's pool."""
        return await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), work)


def _endpoint(reactor: Any, address: Address) -> IStreamClientEndpoint:
    if address.path:
        return UNIXClientEndpoint(reactor, address.path)
    plain = HostnameEndpoint(reactor, address.host.encode("idna"), address.port)
    if not address.tls:
        return plain
    from twisted.internet.endpoints import wrapClientTLS

    try:
        from hangerd.client.twisted_tls import options_for
    except ImportError as error:
        remedy = "pip install 'hangerd[http2]', or 'twisted[tls]'."
        raise Unreachable(f"TLS with Twisted lacks a package: {error}", remedy) from None

    return wrapClientTLS(options_for(address), plain)
