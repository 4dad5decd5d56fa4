"""When a slot's time is over: of being open, of holding a value, of being with a reader.

Pure: it is given its clock, and who calls what is due. A slot has one end ahead of it at most, in
`Slot.entry`: a new one takes the place of the old.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hangerd.deadlines import Later
from hangerd.slots.limits import SlotLimits
from hangerd.slots.slot import Slot, State


class Expiry:
    """Ends slots by `on_expired`."""

    def __init__(
        self,
        clock: Callable[[], float],
        deadlines: Later,
        limits: SlotLimits,
        on_expired: Callable[[Slot], None],
    ) -> None:
        self._clock = clock
        self._deadlines = deadlines
        self._ttl_written = limits.ttl_written
        self._on_expired = on_expired

    def expect(self, slot: Slot, ttl: float | None = None) -> None:
        """End a slot after `ttl` seconds; None: after as many as it may stay in its state."""
        if ttl is None:
            ttl = slot.ttl
            if slot.state is State.STORED and self._ttl_written < ttl:
                ttl = self._ttl_written
        self.call_after(slot, ttl, partial(self._on_expired, slot))

    def call_after(self, slot: Slot, seconds: float, call: Callable[[], None]) -> None:
        """Call something when a slot's time is over, instead of ending it."""
        if slot.entry is not None:
            self._deadlines.cancel(slot.entry)
        slot.entry = self._deadlines.add(self._clock() + seconds, call)

    def cancel(self, slot: Slot) -> None:
        """Let a slot be for as long as nothing else is said."""
        if slot.entry is not None:
            self._deadlines.cancel(slot.entry)
            slot.entry = None

    def left(self, slot: Slot) -> float | None:
        """How many seconds a slot has left; None: there is no end to its time."""
        return None if slot.entry is None else max(0.0, slot.entry.when - self._clock())
