"""Frames on their way out: gathered while one piece of input is worked off, and sent when it is.

So a call that comes and its answer that goes leave at once, and many of them in one send. The calls
that come by HTTP, a read for each, are gathered while the reactor's turn lasts.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import ITransport

from hangerd.direct_send import send_now

GATHERED_AT_MOST = 1 << 16
"""Bytes; more is handed to the transport, so that its backpressure sees them."""


class Reading:
    """Whether input is being worked off, and who has gathered something meanwhile.

    `turn_end` calls a function when the reactor's turn ends. What is written at other times waits
    for that; without it the transport has it at once, whose own way of gathering costs more.
    """

    __slots__ = ("_depth", "_turn_end", "_waiting")

    def __init__(self, turn_end: Callable[[Callable[[], None]], None] | None = None) -> None:
        self._turn_end = turn_end
        self._depth = 0
        self._waiting: list[Sender] = []

    def begin(self) -> None:
        """Let writes be gathered until `end`."""
        self._depth += 1

    def end(self) -> None:
        """Send what was gathered."""
        self._depth -= 1
        if not self._depth:
            waiting, self._waiting = self._waiting, []
            for sender in waiting:
                sender.flush()

    def gathers(self, sender: Sender) -> bool:
        """Whether `sender` may wait, and is told to `flush` in time."""
        if self._depth:
            self._waiting.append(sender)
        elif self._turn_end is not None:
            self._turn_end(sender.flush)
        else:
            return False
        return True


class Sender:
    """Writes frames to one transport, in order."""

    __slots__ = ("_gathered", "_reading", "_size", "_transport")

    def __init__(self, transport: ITransport, reading: Reading) -> None:
        self._transport = transport
        self._reading = reading
        self._gathered: list[bytes] = []
        self._size = 0

    @property
    def waiting(self) -> int:
        """Return how many bytes the transport has not been given yet."""
        return self._size

    def write(self, data: bytes) -> None:
        """Send whole frames, soon."""
        gathered = self._gathered
        if not gathered and not self._reading.gathers(self):
            self._transport.write(data)
            return
        gathered.append(data)
        self._size += len(data)
        if self._size > GATHERED_AT_MOST:
            self._empty()
            self._transport.writeSequence(gathered)

    def flush(self) -> None:
        """Send what was gathered, if that has not happened yet."""
        gathered = self._gathered
        if gathered:
            self._empty()
            send_now(self._transport, gathered[0] if len(gathered) == 1 else b"".join(gathered))

    def _empty(self) -> None:
        self._gathered = []
        self._size = 0
