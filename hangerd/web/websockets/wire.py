"""One websocket on the wire (RFC 6455, by wsproto): bytes to whole messages, and back.

`twisted.web.websocket` answers a handshake before anybody is asked, collects messages without a
bound, and knows neither subprotocols nor when to stop reading; so this is built on the library
below it, and takes the connection over as that module does.
"""

from __future__ import annotations

from typing import Any, Protocol

from twisted.internet import protocol
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.python.failure import Failure
from wsproto.connection import Connection, ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from zope.interface import implementer

from hangerd.web.arrival import has_left, has_vanished, untaken

PING_SECONDS = 15.0  # half of what proxies wait for a sign of life
CLOSE_SECONDS = 5.0
_REASON_BYTES = 123


class Listener(Protocol):
    """Who hears what comes in."""

    def received(self, message: str | bytearray) -> None:
        """Hear a message."""

    def closed(self) -> None:
        """Hear, once, that no more messages come or can be sent."""

    def pauseProducing(self) -> None:
        """Send no more for now."""

    def resumeProducing(self) -> None:
        """Send again."""


@implementer(IPushProducer)
class Wire(protocol.Protocol):
    """Takes a connection over after the handshake. Messages above `max_message` bytes end it."""

    transport: Any

    def __init__(
        self,
        connection: Connection,
        opening: bytes,
        listener: Listener,
        clock: IReactorTime,
        max_message: int,
    ) -> None:
        self._connection = connection
        self._opening = opening
        self._listener = listener
        self._clock = clock
        self._max_message = max_message
        self._message = bytearray()
        self._paused = False  # the script takes no more
        self._congested = False  # the visitor takes no more
        self._owed_pong: Event | None = None
        self._heard = True
        self._taken = 0  # bytes of what was sent, when last looked
        self._told = False
        self._registered = False
        self._alarm: IDelayedCall | None = None
        self.sent = 0  # bytes

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._connection.state is ConnectionState.OPEN and not self._told

    def connectionMade(self) -> None:
        """Answer the handshake."""
        self._registered = True
        self.transport.registerProducer(self, True)
        self.transport.write(self._opening)
        self._alarm = self._clock.callLater(PING_SECONDS, self._look)

    def dataReceived(self, data: bytes) -> None:
        """Take what the visitor sent."""
        self._heard = True
        if self._connection.state in (ConnectionState.OPEN, ConnectionState.LOCAL_CLOSING):
            self._connection.receive_data(data)
            for event in self._connection.events():
                self._take(event)

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:
        """Know that the visitor is gone."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._tell_closed()

    def send(self, data: str | bytes) -> None:
        """Send a message; nothing when the websocket is closed."""
        self._send(TextMessage(data) if isinstance(data, str) else BytesMessage(data))

    def ping(self, data: bytes) -> None:
        """Send a ping."""
        self._send(Ping(data))

    def pong(self, data: bytes) -> None:
        """Send a pong."""
        self._send(Pong(data))

    def close(self, code: int, reason: str = "") -> None:
        """Say that this was all; wait for the visitor to say so too, but not for long."""
        if not self.is_open:
            return
        cut = reason.encode()[:_REASON_BYTES].decode("utf-8", "ignore")
        self._send(CloseConnection(code, cut or None))
        self._unregister()
        self.resume()
        self._end_within(CLOSE_SECONDS)
        self._tell_closed()

    def pause(self) -> None:
        """Read no more: who sends faster than he is heard has to wait."""
        if not self._paused and self.is_open:
            self._paused = True
            self.transport.pauseProducing()

    def resume(self) -> None:
        """Read on."""
        if self._paused:
            self._paused = False
            self.transport.resumeProducing()

    def pauseProducing(self) -> None:
        """Hear from the transport that the visitor is slow."""
        self._congested = True
        self._listener.pauseProducing()

    def resumeProducing(self) -> None:
        """Hear from the transport that it has room again."""
        self._congested = False
        owed, self._owed_pong = self._owed_pong, None
        if owed is not None:
            self._send(owed)
        self._listener.resumeProducing()

    def stopProducing(self) -> None:
        """Have nothing to do: the connection is lost."""

    def _send(self, event: Event) -> None:
        if self.is_open:
            data = self._connection.send(event)
            self.sent += len(data)
            self.transport.write(data)

    def _take(self, event: Event) -> None:
        match event:
            case TextMessage(data=str(text)):
                self._collect(text.encode(), event.message_finished, is_text=True)
            case BytesMessage():
                self._collect(event.data, event.message_finished, is_text=False)
            case Ping():
                self._owed_pong = event.response()  # only the last one counts (5.5.3)
                if not self._congested:
                    owed, self._owed_pong = self._owed_pong, None
                    self._send(owed)
            case CloseConnection():
                self._answer_close(event)

    def _collect(self, data: bytes | bytearray, finished: bool, *, is_text: bool) -> None:
        if not self.is_open:
            return
        self._message += data
        if len(self._message) > self._max_message:
            self._message = bytearray()
            self.close(1009, f"a message has at most {self._max_message} bytes")
        elif finished:
            message, self._message = self._message, bytearray()
            self._listener.received(message.decode() if is_text else message)

    def _answer_close(self, event: CloseConnection) -> None:
        """Finish what either side began; `event` can be what wsproto makes of a broken frame."""
        if self._connection.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
            self.transport.write(self._connection.send(event.response()))
        self._tell_closed()
        self._unregister()
        self.transport.loseConnection()
        self._end_within(CLOSE_SECONDS)

    def _unregister(self) -> None:
        """Let the transport close: some do not while they have a producer."""
        if self._registered:
            self._registered = False
            self.transport.unregisterProducer()

    def _tell_closed(self) -> None:
        if not self._told:
            self._told = True
            self._listener.closed()

    def _end_within(self, seconds: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._clock.callLater(seconds, self._abort)

    def _look(self) -> None:
        """Say something now and then, and leave a visitor who says nothing at all."""
        self._alarm = None
        if has_left(self.transport) if self._paused else self._is_silent():
            self._abort()
            return
        self._alarm = self._clock.callLater(PING_SECONDS, self._look)
        self._heard = self._heard and self._paused
        if not self._congested:
            self._send(Ping())

    def _is_silent(self) -> bool:
        """Whether nothing came, and nothing was taken of what is before the ping."""
        left = untaken(self.transport) or 0
        before, self._taken = self._taken, self.sent - left
        takes = left > 0 and self._taken > before
        return not (self._heard or takes) or has_vanished(self.transport)

    def _abort(self) -> None:
        self._alarm = None
        getattr(self.transport, "abortConnection", self.transport.loseConnection)()
