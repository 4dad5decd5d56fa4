"""Bytes on their way out: gathered while a reactor turn lasts, and sent when it ends.

On plain TCP with nothing waiting they leave by a direct send, without the reactor's detour over
epoll; the ordinary `transport.write` takes the rest, and everything on other transports. With many
clients at work, sending each answer as soon as it is whole measured a third slower: each send then
wakes a client that sleeps, where at a turn's end one client after the other is woken while the
first still works. A client that is alone at work does not wait for the turn's end, which would cost
a reactor call for each of its answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from twisted.internet.interfaces import IReactorTime, ITransport
from twisted.logger import Logger

from hangerd.awake import Awake
from hangerd.direct_send import send_now
from hangerd.web.channel.staying import Staying

GATHERED_AT_MOST = 1 << 16
"""Bytes; more is handed to the transport at once, so that its backpressure sees them."""


class TurnEnd:
    """Calls functions when the present reactor turn ends; one reactor call for all of them.

    `latest` is who sent an answer last; `awake` is told of those who are alone at work, for whom
    `staying` looks.
    """

    __slots__ = ("_clock", "_first", "_scheduled", "_waiting", "awake", "latest", "staying")

    _log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._first: list[Callable[[], None]] = []
        self._waiting: list[Callable[[], None]] = []
        self._scheduled = False
        self.awake = Awake(clock)
        self.staying = Staying(clock, self.awake)
        self.latest: Outbox | None = None

    def call(self, function: Callable[[], None]) -> None:
        """Have `function` called at the end of this turn."""
        self._waiting.append(function)
        if not self._scheduled:
            self._schedule()

    def first(self, function: Callable[[], None]) -> None:
        """Have `function` called before the others; what it has called comes in the same turn.

        So the answers that it leads to leave together with those that wait already.
        """
        self._first.append(function)
        if not self._scheduled:
            self._schedule()

    def _schedule(self) -> None:
        self._scheduled = True
        self._clock.callLater(0, self._turn_ended)

    def _turn_ended(self) -> None:
        first, self._first = self._first, []
        self._call(first)
        self._scheduled = False
        if self._first:
            self._schedule()
        waiting, self._waiting = self._waiting, []
        self._call(waiting)

    def _call(self, functions: list[Callable[[], None]]) -> None:
        for function in functions:
            # One connection's trouble must not keep what others have to say.
            try:
                function()
            except Exception:
                self._log.failure("A connection failed at the end of a turn.")


class Outbox:
    """What one connection has to send."""

    __slots__ = ("_gathered", "_size", "_transport", "_turn_end", "closed")

    def __init__(self, transport: ITransport, turn_end: TurnEnd) -> None:
        self._transport = transport
        self._turn_end = turn_end
        self._gathered: list[bytes] = []
        self._size = 0
        self.closed = False
        """Whether nothing more may be said on this connection."""

    @property
    def waiting(self) -> bool:
        """Whether there is something that was not yet handed to the transport."""
        return bool(self._gathered)

    def answer(self, data: bytes, *, alone: bool) -> bool:
        """Send a whole answer: at once for a client that alone is at work, else as `add` does.

        It is such a client when nobody else was answered since its last answer, and (`alone`) it
        sent no request behind this one. Say whether it was such a one.
        """
        turn_end = self._turn_end
        if self.closed:
            return False
        if alone and turn_end.latest is self and not self._gathered:
            send_now(self._transport, data)
            turn_end.awake.answered()
            return True
        turn_end.latest = self
        self.add(data)
        return False

    def add(self, data: bytes) -> None:
        """Send `data` by the end of this turn.

        Raises:
            TypeError: it is not bytes; said here, where the one who wrote it sees it.
        """
        if not isinstance(data, bytes):
            raise TypeError("Data must be bytes.")
        gathered = self._gathered
        if not gathered:
            if self.closed:
                return
            self._turn_end.call(self.flush)
        gathered.append(data)
        self._size = size = self._size + len(data)
        if size > GATHERED_AT_MOST:
            self.flush()

    def add_all(self, pieces: Iterable[bytes]) -> None:
        """Send `pieces` by the end of this turn.

        Raises:
            TypeError: one is not bytes.
        """
        self.add(b"".join(pieces))

    def flush(self) -> None:
        """Send now what was gathered."""
        gathered = self._gathered
        if not gathered:
            return
        self._gathered = []
        if self._size > GATHERED_AT_MOST:
            self._size = 0
            self._transport.writeSequence(gathered)
            return
        self._size = 0
        send_now(self._transport, b"".join(gathered))

    def close(self) -> None:
        """Send nothing more, and drop what was not yet flushed."""
        self.closed = True
        if self._turn_end.latest is self:
            self._turn_end.latest = None
        self._gathered = []
        self._size = 0
