"""What a script has printed and the visitor has not got yet: bounded, in order, nothing lost.

Rules: over the high-water mark a thread waits until the low-water mark; the coroutines' loop never
waits, and a run that printed `loop_limit` bytes there is ended. The reactor is woken once for all
that was printed since it last took everything. Neighbours of one stream are kept as one: each short
print as an object of its own would take twenty times its size.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from hangerd.scripts.errors import OutputOverflow
from hangerd.scripts.gate import Gate
from hangerd.scripts.questions import Question

HIGH_WATER = 256 * 1024
LOW_WATER = 64 * 1024
LOOP_LIMIT = 1024 * 1024
PIECE = 64 * 1024


class Chunk(NamedTuple):
    """Bytes of one stream: standard output, or standard error when `err`."""

    err: bool
    data: bytes


@dataclass(frozen=True, eq=False)
class Post:
    """Something to do on the reactor thread when its turn has come, for `size` bytes."""

    call: Callable[[], object]
    size: int


Item = Chunk | Question | Post


class Output:
    """Bytes and questions from a script's threads, which append, to the reactor, which takes."""

    def __init__(
        self,
        gate: Gate,
        wake: Callable[[], None],
        may_block: Callable[[], bool],
        *,
        high_water: int = HIGH_WATER,
        low_water: int = LOW_WATER,
        loop_limit: int = LOOP_LIMIT,
    ) -> None:
        self._gate = gate
        self._wake = wake
        self._may_block = may_block
        self._high_water = high_water
        self._low_water = low_water
        self._loop_limit = loop_limit
        self._items: deque[Item] = deque()
        self._tail = bytearray()  # what follows them, of one stream
        self._tail_err = False
        self._awake = False  # the reactor knows that there is something to take
        self.size = 0
        self.total = 0  # ever written, in bytes

    def write(self, data: bytes, err: bool = False) -> None:
        """Append bytes in any thread; wait while too many are unsent.

        Raises what ended the run, except for standard error. What nobody will read is dropped:
        all but standard error when the visitor has left, and that too when there is too much.
        """
        if not data:
            return
        for piece in (data,) if len(data) <= PIECE else _pieces(data):
            if not self._put(piece, err):
                return
            if self.size > self._high_water and not self._gate.ended:
                self._hold()

    def _put(self, piece: bytes | memoryview, err: bool) -> bool:
        """Append a piece; False where nobody will read it."""
        gate = self._gate
        with gate.lock:
            if gate.ended or gate.disconnected:
                if not err:
                    gate.check()
                unread = gate.disconnected and (not err or gate.is_child)
                if unread or self.size > self._high_water:
                    return False
            if self._tail_err != err or len(self._tail) >= PIECE:
                self._seal()
            self._tail_err = err
            self._tail += piece
            self.size += len(piece)
            self.total += len(piece)
            self._rouse()
        return True

    def ask(self, question: Question) -> None:
        """Put a question behind what was printed. Raises what ended the run."""
        with self._gate.lock:
            self._gate.check()
            self._seal()
            self._items.append(question)
            self._rouse()

    def post(self, call: Callable[[], object], size: int) -> None:
        """Put a call behind what was printed. Raises what ended the run."""
        with self._gate.lock:
            self._gate.check()
            if not self._gate.disconnected:
                self._seal()
                self._items.append(Post(call, size))
                self.size += size
                self.total += size
                self._rouse()

    @property
    def pending(self) -> bool:
        """Whether there is something to take."""
        return bool(self._items or self._tail)

    def check(self) -> None:
        """Raise what ended the run, as a write would."""
        with self._gate.lock:
            self._gate.check()

    def take(self, limit: int = PIECE) -> list[Item]:
        """Take up to about `limit` bytes and the questions among them. The reactor's side."""
        if not self.pending:
            return []
        with self._gate.lock:
            self._seal()
            taken, size = [], 0
            while self._items and size < limit:
                taken.append(item := self._items.popleft())
                size += _size(item)
            self.size -= size
            self._awake = bool(self._items)
            if self.size <= self._low_water:
                self._gate.notify()
        return taken

    def take_rest(self) -> bytes:
        """Take all, where it is one piece of standard output; else nothing. The reactor's side."""
        with self._gate.lock:
            if self._items or self._tail_err:
                return b""
            rest = bytes(self._tail)
            self._tail.clear()
            self.size = 0
            self._awake = False
            self._gate.notify()
        return rest

    def clear(self) -> None:
        """Drop what nobody will read. The reactor's side."""
        if not self._items and not self._tail:  # and so nobody waits for room
            return
        with self._gate.lock:
            self._items.clear()
            self._tail.clear()
            self.size = 0
            self._gate.notify()

    def _seal(self) -> None:
        if self._tail:
            self._items.append(Chunk(self._tail_err, bytes(self._tail)))
            self._tail.clear()

    def _rouse(self) -> None:
        if not self._awake:
            self._awake = True
            self._wake()

    def _hold(self) -> None:
        if self._may_block():
            self._gate.wait(lambda: self.size <= self._low_water or self._gate.disconnected)
        elif self.size > self._loop_limit:
            self._gate.end(OutputOverflow)
            raise OutputOverflow


def _pieces(data: bytes) -> Iterable[bytes | memoryview]:
    view = memoryview(data)
    return (view[start : start + PIECE] for start in range(0, len(data), PIECE))


def _size(item: Item) -> int:
    if isinstance(item, Chunk):
        return len(item.data)
    return item.size if isinstance(item, Post) else 0
