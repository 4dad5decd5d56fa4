"""Things to do at a later time, in order.

Pure: it is told the time and never asks for it; it calls nothing by itself; a cancelled entry costs
nothing, however far its time lies ahead (they are swept out once they are the majority).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import count
from typing import Protocol


class Entry:
    """One thing to do, from `Deadlines.add` until it is due or cancelled."""

    __slots__ = ("call", "when")

    def __init__(self, when: float, call: Callable[[], None]) -> None:
        self.when = when
        self.call: Callable[[], None] | None = call


class Later(Protocol):
    """Where calls at a later time are asked for; who does it sees to it that they happen."""

    def add(self, when: float, call: Callable[[], None]) -> Entry:
        """Ask for `call` at `when`, in seconds of the caller's clock."""
        ...

    def cancel(self, entry: Entry) -> None:
        """Forget an entry; harmless when it was due or cancelled before."""
        ...


class Deadlines:
    """A heap of entries whose cancelled ones do not pile up."""

    _SWEEP_ABOVE = 64

    def __init__(self) -> None:
        # By time, then in the order of asking; tuples, which compare without a call.
        self._heap: list[tuple[float, int, Entry]] = []
        self._numbers = count()
        self._cancelled = 0

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def add(self, when: float, call: Callable[[], None]) -> Entry:
        """Ask for `call` at `when`, in seconds of the caller's clock."""
        entry = Entry(when, call)
        heapq.heappush(self._heap, (when, next(self._numbers), entry))
        return entry

    def cancel(self, entry: Entry) -> None:
        """Forget an entry; harmless when it was due or cancelled before."""
        if entry.call is None:
            return
        entry.call = None
        self._cancelled += 1
        if self._cancelled > self._SWEEP_ABOVE and self._cancelled * 2 > len(self._heap):
            self._heap = [kept for kept in self._heap if kept[2].call is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def next(self) -> float | None:
        """When the earliest entry is due; None if there is none."""
        heap = self._heap
        while heap and heap[0][2].call is None:
            heapq.heappop(heap)
            self._cancelled -= 1
        return heap[0][0] if heap else None

    def due(self, now: float) -> Iterator[Callable[[], None]]:
        """Take out, one by one, what is due by `now`."""
        while (when := self.next()) is not None and when <= now:
            entry = heapq.heappop(self._heap)[2]
            call = entry.call
            entry.call = None
            assert call is not None, "next() drops what was cancelled"  # noqa: S101 (for mypy)
            yield call
