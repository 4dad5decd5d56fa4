"""The daemon's Unix socket for callers: every host by name, over the frames of docs/wire.md."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IDelayedCall,
    IPushProducer,
    IReactorTime,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol as Connection
from twisted.internet.protocol import ServerFactory, connectionDone
from twisted.python.failure import Failure

from hangerd.awake import Awake
from hangerd.hosts.calls import Call
from hangerd.hosts.errors import WireError
from hangerd.hosts.faults import Fault
from hangerd.hosts.link import Link
from hangerd.hosts.outbox import Gate, Outbox
from hangerd.hosts.sending import Sender
from hangerd.hosts.service import HostsService
from hangerd.hosts.visitor import EVERYTHING, Visitor
from hangerd.hosts.wire import MAX_MESSAGE, PROTOCOL, Decoder, Frame, encode

HELLO_WITHIN: Final = 5.0
READ_WITHIN: Final = 30.0
"""Seconds after which a visitor who does not read is sent away."""

Authorize = Callable[[str], str | None]
"""From a token to a host's name, to EVERYTHING, or to None for a token that is good for nothing."""


def read_peer_uid(transport: Any) -> int | None:
    """Return the user at the other end of a Unix socket, as the kernel says."""
    try:
        credentials = transport.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    except (AttributeError, OSError):
        return None
    return struct.unpack("3i", credentials)[1]  # type: ignore[no-any-return]


class DoorConnection(Connection):
    """One connection: says hello, then is a Visitor."""

    def __init__(self, factory: DoorFactory) -> None:
        self._factory = factory
        self._clock = factory.clock
        self._decoder = Decoder()
        self._visitor: Visitor | None = None
        self._held: set[Link] = set()
        self._timer: IDelayedCall | None = None
        self._outbox: Outbox | None = None

    def connectionMade(self) -> None:
        """Wait for the hello."""
        assert self.transport is not None  # noqa: S101
        sender = Sender(self.transport, self._factory.service.reading)
        self._outbox = Outbox(sender, self._roomy)
        IConsumer(self.transport).registerProducer(self._outbox, True)
        self._timer = self._clock.callLater(HELLO_WITHIN, self._abort)
        self._factory.crowd.add(self)

    def dataReceived(self, data: bytes) -> None:
        """Serve frames; a broken protocol ends the connection."""
        self._factory.awake.asked(self)
        reading = self._factory.service.reading
        reading.begin()
        try:
            for frame in self._decoder.feed(data):
                if self._visitor is None:
                    self._hello(frame)
                else:
                    self._visitor.received(frame)
                if self.transport is None:
                    return
        except WireError:
            self._abort()
        finally:
            reading.end()

    def _hello(self, frame: Frame) -> None:
        """Let in who may come in. Raises WireError for anything but a hello."""
        if frame.op != "hello" or frame.header.get("protocol") != PROTOCOL:
            raise WireError("the first frame is no hello of this protocol")
        access = self._access(frame.header)
        if access is None:
            fault = Fault("denied", "Denied", "another user, and no token that is good here")
            self._write(encode({"op": "fault", "code": "denied"}, fault.payload()), None)
            self._leave()
            return
        assert self.transport is not None  # noqa: S101
        self._stop_timer()
        gate = Gate(IPushProducer(self.transport))
        self._visitor = Visitor(self._factory.service, access, self._write, gate)
        welcome = {"op": "welcome", "protocol": PROTOCOL, "max_message": MAX_MESSAGE}
        self._write(encode(welcome), None)

    def _access(self, header: Mapping[str, Any]) -> str | None:
        token = header.get("token")
        if isinstance(token, str):
            self._factory.by_token.add(self)
            return self._factory.authorize(token)
        uid = self._factory.peer_uid(self.transport)
        return EVERYTHING if uid in (0, os.geteuid()) and uid is not None else None

    def _write(self, data: bytes, call: Call | None) -> None:
        """Write a frame; who answers faster than it is read is held."""
        if self._outbox is None:
            return
        self._outbox.write(data)
        if call is not None and call.finished:
            self._answered()
        if self._outbox.overfull:
            link = None if call is None else call.hold_answers(self)
            if link is not None:
                self._held.add(link)
            if self._timer is None:
                self._timer = self._clock.callLater(READ_WITHIN, self._abort)

    def _answered(self) -> None:
        """Be awake for the next call, if this visitor is alone at work, with one after another."""
        factory = self._factory
        if factory.latest is self and self._visitor is not None and not self._visitor.relays:
            factory.awake.answered()
        factory.latest = self

    def _roomy(self) -> None:
        self._stop_timer()
        held, self._held = self._held, set()
        for link in held:
            link.release(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Give up what it held."""
        self.transport = None
        self._outbox = None
        self._factory.crowd.remove(self)
        if self._factory.latest is self:
            self._factory.latest = None
        self._factory.by_token.discard(self)
        self._roomy()
        if self._visitor is not None:
            self._visitor.left()

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _leave(self) -> None:
        """Close once everything is written."""
        if self.transport is not None:
            IConsumer(self.transport).unregisterProducer()
            self.transport.loseConnection()

    def _abort(self) -> None:
        if self.transport is not None:
            ITCPTransport(self.transport).abortConnection()

    def close(self) -> None:
        """End the connection, with what is asked by it."""
        self._abort()


class Crowd(Protocol):
    """The open connections of the daemon, which are bounded and closed together."""

    @property
    def full(self) -> bool:
        """Whether one more would be too many."""
        ...

    def add(self, connection: DoorConnection) -> None:
        """Count a connection in."""
        ...

    def remove(self, connection: DoorConnection) -> None:
        """Count a connection out."""
        ...


class DoorFactory(ServerFactory):
    """`authorize` judges tokens, `peer_uid` says who is at the other end.

    `latest` is the connection that a call was answered on last.
    """

    noisy = False

    def __init__(
        self,
        service: HostsService,
        authorize: Authorize,
        clock: IReactorTime,
        crowd: Crowd,
        peer_uid: Callable[[Any], int | None] = read_peer_uid,
    ) -> None:
        self.service = service
        self.authorize = authorize
        self.clock = clock
        self.peer_uid = peer_uid
        self.crowd = crowd
        self.awake = Awake(clock)
        self.latest: DoorConnection | None = None
        self.by_token: set[DoorConnection] = set()

    def leave_by_token(self) -> None:
        """End the connections that a token let in, which is good for nothing any more."""
        for connection in [*self.by_token]:
            connection.close()

    def buildProtocol(self, addr: IAddress | None) -> DoorConnection | None:
        """Take a connection in, unless there are too many."""
        return None if self.crowd.full else DoorConnection(self)
