"""What is remembered of slots that have ended, for a short time and a bounded number of them.

Pure: the clock is given to it. Nothing here is live, so the oldest memories go first when there are
too many; a slot is found by both its tokens until its time is over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hangerd.slots.slot import Ended, Slot, State


class Graveyard:
    """The ended slots, by both their tokens. `ttl` is in seconds."""

    def __init__(self, clock: Callable[[], float], size: int, ttl: float) -> None:
        self._clock = clock
        self._size = size
        self._ttl = ttl
        self._by_token: dict[str, Ended] = {}
        self._in_order: deque[Ended] = deque()

    def __len__(self) -> int:
        return len(self._in_order)

    def bury(self, slot: Slot, state: State, reason: str) -> None:
        """Remember how a slot ended."""
        now = self._clock()
        ended = Ended(state, reason, slot.lease, slot.read_token, slot.write_token, now + self._ttl)
        self._by_token[ended.read_token] = self._by_token[ended.write_token] = ended
        self._in_order.append(ended)
        while self._in_order[0].until <= now or len(self._in_order) > self._size:
            oldest = self._in_order.popleft()
            self._by_token.pop(oldest.read_token, None)
            self._by_token.pop(oldest.write_token, None)

    def find(self, token: str) -> Ended | None:
        """How the slot with this token ended, if it did so lately."""
        ended = self._by_token.get(token)
        return ended if ended is not None and ended.until > self._clock() else None
