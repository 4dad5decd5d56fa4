"""The values that wait in slots: how many bytes they are, in all and for each client.

Pure. The client who wrote a value pays for it, until it has gone. A value is only
replaced by one that there is room for.
"""

from __future__ import annotations

from hangerd.slots.errors import Refused
from hangerd.slots.limits import Quota, SlotLimits
from hangerd.slots.slot import Slot, Value


class Shelf:
    """Puts values into slots and takes them out; `bytes` counts them.

    `values` are those that are there; since the start, `writes` were put in, and
    `returned` were put back because they did not arrive.
    """

    def __init__(self, limits: SlotLimits) -> None:
        self.bytes = Quota("stored bytes", limits.max_stored, limits.max_stored_per_client)
        self.values = 0
        self.writes = 0
        self.returned = 0

    def put(self, slot: Slot, value: Value, client: str) -> None:
        """Give a slot a value, in place of one that it may have.

        Raises:
            Refused: there is no room for it; the slot is as it was.
        """
        old, payer = slot.value, slot.payer
        self.clear(slot)
        try:
            self.bytes.take(client, len(value.data))
        except Refused:
            if old is not None:
                self.bytes.take(payer, len(old.data))
                self._fill(slot, old, payer)
            raise
        self._fill(slot, value, client)
        self.writes += 1

    def clear(self, slot: Slot) -> None:
        """Take a slot's value out, if it has one."""
        if slot.value is not None:
            self.bytes.give(slot.payer, len(slot.value.data))
            self.values -= 1
        slot.value = None

    def _fill(self, slot: Slot, value: Value, payer: str) -> None:
        slot.value, slot.payer = value, payer
        self.values += 1
