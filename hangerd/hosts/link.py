"""The daemon's end of an instance's socket: many calls at once, each with its own listener."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IConsumer, IPushProducer, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol as Connection
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from hangerd.direct_send import unsent
from hangerd.hosts.errors import WireError
from hangerd.hosts.faults import Fault
from hangerd.hosts.roles import Abandoned, LinkOwner, Listener
from hangerd.hosts.sending import Reading, Sender
from hangerd.hosts.wire import (
    IN_PIECES,
    MAX_MESSAGE,
    PIECE,
    Assembler,
    Decoder,
    Frame,
    encode,
    encode_message,
    parse_json,
)

ENDS: Final = frozenset({"result", "end", "fault"})
_ANSWERS: Final = ENDS | {"item"}


@implementer(IPushProducer)
class Link(Connection):
    """One connection. `cancel_grace` is in seconds."""

    def __init__(
        self, owner: LinkOwner, clock: IReactorTime, cancel_grace: float, reading: Reading
    ) -> None:
        self._owner = owner
        self._reading = reading
        self._sender: Sender | None = None
        self._clock = clock
        self._cancel_grace = cancel_grace
        self._decoder = Decoder()
        self._whole = Assembler(MAX_MESSAGE)
        self._listeners: dict[int, Listener] = {}
        self._written = 0  # bytes, in all
        self._reaches: dict[int, int] = {}  # to which of these bytes a call goes
        self._eased = False
        self._graces: dict[int, Any] = {}
        self._sources: dict[int, IPushProducer] = {}
        self._full = False
        self._holders: set[object] = set()
        self._last_id = 0
        self._pings: dict[int, Deferred[float]] = {}

    @property
    def in_flight(self) -> int:
        """Return how many calls the instance has not let go of."""
        return len(self._listeners)

    def has_room(self, concurrency: int) -> bool:
        """Return whether it takes one of so many calls; not while a cancelled one may cost it."""
        return len(self._listeners) < concurrency and not self._graces

    def connectionMade(self) -> None:
        """Watch for a full buffer, so that long payloads wait."""
        assert self.transport is not None  # noqa: S101
        self._sender = Sender(self.transport, self._reading)
        IConsumer(self.transport).registerProducer(self, True)

    def open_call(self, header: dict[str, Any], payload: bytes, listener: Listener) -> int:
        """Send a call, or its first piece where `header` says `more`; return its id.

        `header` is completed by that, and not to be used again.
        """
        self._last_id = number = self._last_id + 1
        self._listeners[number] = listener
        header["op"] = "call"
        header["id"] = number
        if len(payload) <= PIECE or "more" in header:
            self._write(encode(header, payload))
        else:
            self.send(header, payload)
        self._reaches[number] = self._written
        return number

    def send_piece(self, number: int, payload: bytes, more: bool) -> None:
        """Send a further piece of a call."""
        header: dict[str, Any] = {"op": "call", "id": number}
        self._write(encode({**header, "more": True} if more else header, payload))

    def feed_from(self, number: int, source: IPushProducer | None) -> None:
        """Pause `source` while this connection cannot take more; None ends that for the call."""
        before = self._sources.pop(number, None)
        if before is not None and self._full:
            before.resumeProducing()
        if source is not None and number in self._listeners:
            self._sources[number] = source
            if self._full:
                source.pauseProducing()

    def hold(self, holder: object) -> None:
        """Read nothing until every holder has released it."""
        if not self._holders and self.transport is not None:
            IPushProducer(self.transport).pauseProducing()
        self._holders.add(holder)

    def release(self, holder: object) -> None:
        """Read on, unless somebody else holds it."""
        self._holders.discard(holder)
        if not self._holders and self.transport is not None:
            IPushProducer(self.transport).resumeProducing()

    def cancel_call(self, number: int, reason: str) -> None:
        """Forget a call, and see to it that the instance lets go of it."""
        if number in self._listeners and number not in self._graces:
            self._listeners[number] = Abandoned()
            self._graces[number] = self._clock.callLater(
                self._cancel_grace, self._owner.link_call_hung, reason
            )
            self.send({"op": "cancel", "id": number, "reason": reason})

    def credit(self, number: int, items: int) -> None:
        """Allow so many more items of a stream."""
        if number in self._listeners:
            self.send({"op": "credit", "id": number, "items": items})

    def ping(self) -> Deferred[float]:
        """Return when the instance answers: by how many seconds its loop was late, at worst."""
        self._last_id = number = self._last_id + 1
        sent = self._clock.seconds()
        answered: Deferred[float] = Deferred(lambda _: self._forget_ping(number))
        answered.addCallback(lambda said: max(said, self._clock.seconds() - sent))
        self._pings[number] = answered
        self.send({"op": "ping", "id": number})
        return answered

    def _forget_ping(self, number: int) -> None:
        self._pings.pop(number, None)

    def send(self, header: Mapping[str, Any], payload: bytes = b"") -> None:
        """Send one message."""
        if len(payload) <= PIECE:
            self._write(encode(header, payload))
        else:
            for frame in encode_message(header, payload):
                self._write(frame)

    def _write(self, data: bytes) -> None:
        if self._sender is not None:
            self._written += len(data)
            self._sender.write(data)

    def dataReceived(self, data: bytes) -> None:
        """Sort what comes; a broken protocol ends the connection.

        The answers leave before it is seen what there is room for now: a caller who waits has them
        sooner, and what the room is used for is gathered by itself.
        """
        self._sort(data)
        if self._eased:
            self._eased = False
            self._reading.begin()
            self._owner.link_call_ended()
            self._reading.end()

    def _sort(self, data: bytes) -> None:
        self._reading.begin()
        try:
            for frame in self._decoder.feed(data):
                if frame.op in _ANSWERS:
                    self._answered(frame)
                else:
                    self._received(frame)
        except WireError as error:
            self._owner.link_fault("crash", Fault("crash", "WireError", error.message).payload())
            self.close()
        finally:
            self._reading.end()

    def _received(self, frame: Frame) -> None:
        if frame.op in IN_PIECES:
            whole = self._whole.add(frame)
            if whole is None:
                return
            frame = whole
        self._told(frame)

    def _answered(self, frame: Frame) -> None:
        """Give an answer to its listener; late ones are dropped."""
        number = frame.id
        if number is None and frame.op == "fault":
            whole = self._whole.add(frame)
            if whole is not None:
                self._owner.link_fault(whole.header.get("code"), whole.payload)
            return
        if number is None or number > self._last_id:
            raise WireError(f"{frame.op} for a call that was never made")
        listener = self._listeners.get(number)
        if listener is None:
            return
        if frame.op in ENDS and not frame.more:
            self._forget(number)
            listener.call_answered(frame)
            self._eased = True
        else:
            listener.call_answered(frame)

    def _forget(self, number: int) -> None:
        if self._sources:
            self.feed_from(number, None)
        del self._listeners[number]
        del self._reaches[number]
        if self._graces:
            grace = self._graces.pop(number, None)
            if grace is not None and grace.active():
                grace.cancel()

    def _told(self, frame: Frame) -> None:
        """Understand what is not an answer."""
        if frame.op == "pong":
            waiting = self._pings.pop(frame.id or 0, None)
            if waiting is not None:
                lag = frame.header.get("lag")
                waiting.callback(lag if isinstance(lag, int | float) else 0.0)
        elif frame.op == "ping":
            self.send({"op": "pong", "id": frame.id})
        elif frame.op == "direct":
            connections, calls = frame.header.get("connections"), frame.header.get("calls")
            if not isinstance(connections, int) or not isinstance(calls, int):
                raise WireError("direct has no numbers")
            self._owner.link_direct(connections, calls)
        elif frame.op == "drain":
            self._owner.link_draining()
        elif frame.op in ("ready", "watch"):
            self._told_json(frame.op, parse_json(frame.payload))
        else:
            raise WireError(f"an instance does not send {frame.op!r:.40}")

    def _told_json(self, op: str, said: object) -> None:
        if op == "ready" and isinstance(said, dict):
            self._owner.link_ready(said)
        elif op == "watch" and isinstance(said, list):
            self._owner.link_watch([path for path in said if isinstance(path, str)])
        else:
            raise WireError(f"the payload of {op} is of another type")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Hand the calls that it leaves to the owner, who knows how the process ended."""
        unread_from = self._surely_unread(reason)
        self.transport = self._sender = None
        lost: list[Listener] = []
        unread: list[Listener] = []
        for number, listener in list(self._listeners.items()):
            (lost if self._reaches[number] < unread_from else unread).append(listener)
            self._forget(number)
        for waiting in list(self._pings.values()):
            waiting.cancel()
        self._owner.link_lost(reason.getErrorMessage(), lost, unread)

    def _surely_unread(self, reason: Failure) -> int:
        """Return the first written byte, counted from 1, that the other side has never read.

        What did not leave this process is unread. When all has left and the kernel says "reset",
        at least the last byte is: it says so when a Unix socket is closed with something unread.
        (Twisted says the same of any end that it did not learn of by reading.)
        """
        gathered = 0 if self._sender is None else self._sender.waiting
        left = self._written - gathered - (unsent(self.transport) or 0)
        reset = reason.type is ConnectionLost and left == self._written and not self._holders
        return left if reset else left + 1

    def close(self) -> None:
        """Give the instance up: its runner ends at the end of file."""
        if self.transport is not None:
            ITCPTransport(self.transport).abortConnection()

    def pauseProducing(self) -> None:
        """Pause whoever sends a long payload through here."""
        if self._full:  # each write to a full buffer asks for it again
            return
        self._full = True
        for source in list(self._sources.values()):
            source.pauseProducing()

    def resumeProducing(self) -> None:
        """Let them go on."""
        self._full = False
        for source in list(self._sources.values()):
            source.resumeProducing()

    def stopProducing(self) -> None:
        """Do nothing: connectionLost tells of the end."""
