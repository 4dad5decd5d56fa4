"""Those who wait on slots: counted, in order of arrival, each with an end.

Pure. A reader waits for a value, a watcher for the word that it arrived. Readers of a slot are
served first come, first served.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hangerd.deadlines import Later
from hangerd.slots.errors import SlotError, TooManyReaders
from hangerd.slots.limits import Quota
from hangerd.slots.slot import Pending, Slot, Tell, Waiter


class Waiting:
    """Keeps the two lines of every slot; tells `on_last_left` which slot's last reader left."""

    def __init__(
        self,
        clock: Callable[[], float],
        deadlines: Later,
        holding: Quota,
        longest_line: int,
        on_last_left: Callable[[Slot], None],
    ) -> None:
        self._clock = clock
        self._deadlines = deadlines
        self._holding = holding
        self._longest_line = longest_line
        self._on_last_left = on_last_left
        self._since: dict[Waiter, float] = {}  # in the order of arrival

    @property
    def oldest(self) -> float | None:
        """When the one who waits longest came, by the clock; None when nobody waits."""
        return next(iter(self._since.values()), None)

    def join(
        self,
        slot: Slot,
        client: str,
        tell: Tell,
        wait: float | None,
        *,
        watching: bool = False,
        when_over: SlotError | None = None,
    ) -> Waiter:
        """Stand in line for at most `wait` seconds, None for no end.

        When the wait is over the waiter is told `when_over`, or else `Pending`.

        Raises:
            TooManyReaders: the line is as long as it may be.
            Refused: too many requests wait, in all or of this client.
        """
        line = slot.watchers if watching else slot.readers
        if line and len(line) >= self._longest_line:
            raise TooManyReaders
        self._holding.take(client)
        waiter = Waiter(slot, client, tell)
        if line is None:
            line = deque()
            if watching:
                slot.watchers = line
            else:
                slot.readers = line
        line.append(waiter)
        self._since[waiter] = self._clock()
        if wait is not None:
            waiter.entry = self._deadlines.add(
                self._clock() + wait, lambda: self._waited_enough(waiter, when_over)
            )
        return waiter

    def leave(self, waiter: Waiter) -> None:
        """Step out of the line; harmless for somebody who was told already."""
        slot = waiter.slot
        if slot.readers and waiter in slot.readers:
            slot.readers.remove(waiter)
            self._release(waiter)
            if not slot.readers:
                self._on_last_left(slot)
        elif slot.watchers and waiter in slot.watchers:
            slot.watchers.remove(waiter)
            self._release(waiter)

    def next_reader(self, slot: Slot) -> Waiter | None:
        """Take the first reader out of the line."""
        if not slot.readers:
            return None
        waiter = slot.readers.popleft()
        self._release(waiter)
        return waiter

    def dismiss(self, slot: Slot) -> tuple[list[Waiter], list[Waiter]]:
        """Take everybody out of both lines: the readers, and the watchers."""
        readers, watchers = list(slot.readers or ()), list(slot.watchers or ())
        slot.readers = slot.watchers = None
        for waiter in (*readers, *watchers):
            self._release(waiter)
        return readers, watchers

    def _waited_enough(self, waiter: Waiter, when_over: SlotError | None) -> None:
        self.leave(waiter)
        waiter.tell(when_over or Pending(waiter.slot.state))

    def _release(self, waiter: Waiter) -> None:
        self._holding.give(waiter.client)
        del self._since[waiter]
        if waiter.entry is not None:
            self._deadlines.cancel(waiter.entry)
            waiter.entry = None
