"""Waits for all sockets of the process at once, and calls what they are for.

One thread at a time has the turn: "the reading thread". What is registered here is called in it,
and must not block.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

AWAKE = 0.000_15
"""Seconds that a turn may look again and again before it sleeps."""


class Port(Protocol):
    """A file descriptor with what to do when it can be read or written."""

    def fileno(self) -> int:
        """Return the descriptor."""

    def readable(self) -> None:
        """Something has come, or the other side has gone."""

    def writable(self) -> None:
        """There is room again."""


class Poller:
    """Calls ports and timers; `wake` may be called by any thread, the rest by its own."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._ports: dict[int, Port] = {}
        self._writing: set[int] = set()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []  # a heap
        self._numbers = count()
        self._asked: list[Callable[[], None]] = []
        self.expects = False  # whether the next message is likely to come at once
        self._awake, self._bell = os.pipe()
        os.set_blocking(self._awake, False)
        os.set_blocking(self._bell, False)
        self._poll.register(self._awake, select.POLLIN)

    def add(self, port: Port) -> None:
        """Watch a port for reading."""
        self._ports[port.fileno()] = port
        self._poll.register(port.fileno(), select.POLLIN)

    def remove(self, descriptor: int) -> None:
        """Forget a port, before it is closed."""
        if self._ports.pop(descriptor, None):
            self._poll.unregister(descriptor)

    def write_soon(self, port: Port) -> None:
        """Call port.writable() as soon as there is room. Any thread."""
        self.soon(lambda: self._want(port.fileno(), select.POLLIN | select.POLLOUT))

    def soon(self, task: Callable[[], None]) -> None:
        """Call `task` in the reading thread. Any thread."""
        self._asked.append(task)
        with suppress(BlockingIOError):  # it is ringing already
            os.write(self._bell, b"!")

    def later(self, delay: float, task: Callable[[], None]) -> None:
        """Call `task` after so many seconds."""
        heappush(self._timers, (time.monotonic() + delay, next(self._numbers), task))

    def _want(self, descriptor: int, events: int) -> None:
        if descriptor in self._ports:
            self._poll.modify(descriptor, events)

    def turn(self, eager: bool = False) -> None:
        """Wait until something has come or is due, and do it; `eager` heeds `expects`."""
        ready = self._look() if eager and self.expects else []
        for descriptor, events in ready or self._poll.poll(self._patience()):
            if descriptor == self._awake:
                self._hear()
            elif port := self._ports.get(descriptor):
                self._serve(port, descriptor, events)
        self._expire()

    def _look(self) -> list[tuple[int, int]]:
        """Stay awake for a moment: to be woken costs more than half of a short call."""
        self.expects = False
        until = time.monotonic() + AWAKE
        while time.monotonic() < until:
            if ready := self._poll.poll(0):
                return ready
        return []

    def _serve(self, port: Port, descriptor: int, events: int) -> None:
        if events & select.POLLOUT:
            self._want(descriptor, select.POLLIN)
            port.writable()
        if events & ~select.POLLOUT and descriptor in self._ports:
            port.readable()

    def _hear(self) -> None:
        os.read(self._awake, 4096)
        while self._asked:
            self._asked.pop(0)()

    def _patience(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.monotonic()) * 1000 + 1

    def _expire(self) -> None:
        while self._timers and self._timers[0][0] <= time.monotonic():
            heappop(self._timers)[2]()
