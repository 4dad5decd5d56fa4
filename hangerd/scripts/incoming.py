"""Messages of a websocket on their way to a script: the reactor puts them, coroutines take them.

Rules: nothing is dropped; above `LIMIT` bytes the reactor is told to read no more, and when half of
that is left, to read on. What came before the end is had before the end is raised.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

Message = str | bytearray

LIMIT = 256 * 1024
# A message of few bytes takes memory too.
_OVERHEAD = 64


class Incoming:
    """A bounded queue from one thread to any event loop. `resume` is called from any thread."""

    def __init__(self, resume: Callable[[], None]) -> None:
        self._resume = resume
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque()
        self._size = 0
        self._full = False
        self._arrivals: list[Callable[[], object]] = []
        self._at_end: Callable[[], object] | None = None
        self.ended: Exception | None = None

    def put(self, message: Message) -> bool:
        """Add a message; return whether there is room for more."""
        with self._lock:
            if self.ended is None:
                self._messages.append(message)
                self._size += len(message) + _OVERHEAD
                self._full = self._size >= LIMIT
            self._arrived()
            return not self._full

    def end(self, error: Exception) -> None:
        """Have `error` raised when all messages are taken. Any thread; the first one counts."""
        with self._lock:
            if self.ended is not None:
                return
            self.ended = error
            self._arrived()
            at_end, self._at_end = self._at_end, None
        if at_end is not None:
            at_end()

    def when_ended(self, call: Callable[[], object]) -> None:
        """Have `call` called at the end, in the thread that brings it about."""
        with self._lock:
            if self.ended is None:
                self._at_end = call
                return
        call()

    def check(self) -> None:
        """Raise what `end` was given, if it was."""
        if self.ended is not None:
            raise type(self.ended)(*self.ended.args)  # a fresh one: it keeps no frames alive

    async def get(self) -> Message:
        """Wait for a message. Raises what `end` was given."""
        while True:
            with self._lock:
                if self._messages:
                    return self._take()
                self.check()
                loop = asyncio.get_running_loop()
                arrived = loop.create_future()
                self._arrivals.append(partial(loop.call_soon_threadsafe, _tell, arrived))
            await arrived

    def _take(self) -> Message:
        message = self._messages.popleft()
        self._size -= len(message) + _OVERHEAD
        if self._full and self._size <= LIMIT // 2:
            self._full = False
            self._resume()
        return message

    def _arrived(self) -> None:
        arrivals, self._arrivals = self._arrivals, []
        for tell in arrivals:
            try:
                tell()
            except RuntimeError:  # a loop of the script's own, closed since
                continue


def _tell(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)
