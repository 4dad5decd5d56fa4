"""One connection that speaks the frames of docs/wire.md, as a caller: bytes in, answers out.

Knows no socket, no thread and no time. Many exchanges may be open at once, each with an id; what
comes for one that is over is dropped. It is fed what a socket gives, and returns what to write.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from hangerd.client.faults import read_fault
from hangerd.hosts.errors import WireError
from hangerd.hosts.faults import Fault
from hangerd.hosts.wire import (
    PIECE,
    PROTOCOL,
    Assembler,
    Decoder,
    Frame,
    encode,
    encode_message,
)

WINDOW: Final = 64
_ENDS: Final = frozenset({"result", "end", "fault", "pong"})


class Awaited:
    """Something that is waited for: `ready` when there is something, or it is over.

    Who waits without blocking puts a function into `wake`, which is called at every change.
    """

    __slots__ = ("wake",)

    def __init__(self) -> None:
        self.wake: Callable[[], None] | None = None

    @property
    def ready(self) -> bool:
        """Whether waiting is over."""
        raise NotImplementedError

    def changed(self) -> None:
        """Tell who waits."""
        if self.wake is not None:
            self.wake()


class Exchange(Awaited):
    """One call (or lease, ticket, ping) and what has come for it."""

    __slots__ = ("_pieces", "came", "number", "over")

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.came: deque[Frame | Fault] = deque()
        self.over = False
        self._pieces: Assembler | None = None

    @property
    def ready(self) -> bool:
        """Whether something has come that was not taken."""
        return bool(self.came)

    def add(self, frame: Frame) -> None:
        """Take a frame of this id. Raises WireError."""
        if self._pieces is not None or frame.more:
            self._pieces = self._pieces or Assembler()
            whole = self._pieces.add(frame)
            if whole is None:
                return
            frame = whole
        op = frame.op
        self.over = op in _ENDS
        found = read_fault(frame.header.get("code"), frame.payload) if op == "fault" else None
        self.came.append(found or frame)
        self.changed()

    def fail(self, fault: Fault) -> None:
        """End it here."""
        if not self.over:
            self.over = True
            self.came.append(fault)
            self.changed()


class Session(Awaited):
    """One side of a connection. `ready` once it was let in, or is over.

    `fault` is why it is over: set by `lost`, by a broken protocol, or by a refusal. `unread` is the
    code of the fault of a call that the other side has surely not read.
    """

    def __init__(self, hello: Mapping[str, Any], unread: str = "died") -> None:
        super().__init__()
        self.greeting = encode({"op": "hello", "protocol": PROTOCOL, **hello})
        self.welcome = False
        self.draining = False
        self.fault: Fault | None = None
        self._decoder = Decoder()
        self._open: dict[int, Exchange] = {}
        self._last = 0
        self._written_last = 0  # the exchange whose beginning nothing was written after
        self._unread = unread

    @property
    def ready(self) -> bool:
        """Whether the greeting is over."""
        return self.welcome or self.fault is not None

    def begin(
        self, header: Mapping[str, Any], payload: bytes = b""
    ) -> tuple[Exchange, Iterable[bytes]]:
        """Open an exchange; return it and the frames to write."""
        self._last += 1
        exchange = Exchange(self._last)
        if self.fault is not None:
            exchange.fail(self.fault)
            return exchange, ()
        self._open[self._last] = exchange
        self._written_last = self._last
        full = {**header, "id": self._last}
        if len(payload) <= PIECE:  # by far the most often
            return exchange, (encode(full, payload),)
        return exchange, encode_message(full, payload)

    def cancel(self, exchange: Exchange, reason: str) -> bytes:
        """Forget an exchange; return what to write, which is nothing for one that is over."""
        known = self._open.pop(exchange.number, None)
        if known is None or exchange.over:
            return b""
        exchange.over = True
        self._written_last = 0
        return encode({"op": "cancel", "id": exchange.number, "reason": reason})

    def credit(self, exchange: Exchange, items: int) -> bytes:
        """Return what to write so that so many more items may come."""
        if exchange.over:
            return b""
        self._written_last = 0
        return encode({"op": "credit", "id": exchange.number, "items": items})

    def release(self, exchange: Exchange) -> bytes:
        """Return what to write to let a lease go."""
        self._written_last = 0
        return encode({"op": "release", "id": exchange.number}) if self.fault is None else b""

    def feed(self, data: bytes) -> None:
        """Take what a socket gave. Raises WireError when it breaks the protocol."""
        for frame in self._decoder.feed(data):
            number = frame.id
            if number is None:
                self._alone(frame)
                continue
            exchange = self._open.get(number)
            if exchange is not None:
                exchange.add(frame)
                if exchange.over:
                    del self._open[number]

    def _alone(self, frame: Frame) -> None:
        """Take a frame that belongs to no exchange."""
        if frame.op == "welcome":
            self.welcome = True
            self.changed()
        elif frame.op == "drain":
            self.draining = True
        elif frame.op == "fault":
            self._end(read_fault(frame.header.get("code"), frame.payload))
        else:
            raise WireError(f"nobody asked for {frame.op!r:.40}")

    def lost(self, reason: str, unread: bool = False) -> None:
        """Take note of the connection's end: every exchange ends with it.

        When the other side has not read all, it has not read what was written last.
        """
        last = self._open.pop(self._written_last, None) if unread else None
        if last is not None:
            last.fail(Fault(self._unread, "ConnectionLost", f"{reason}; the call was not read"))
        self._end(Fault("died", "ConnectionLost", reason))

    def _end(self, fault: Fault) -> None:
        self.fault = self.fault or fault
        exchanges, self._open = self._open, {}
        for exchange in exchanges.values():
            exchange.fail(self.fault)
        self.changed()
