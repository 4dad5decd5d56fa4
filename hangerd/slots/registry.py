"""Which slot a token opens, and what it may do there.

Pure. A token is a capability: a read token may read, acknowledge, close and look; a write token
may write, close and look; in the legacy protocol one token is both. A dictionary finds it, whose
hash is keyed anew at every start, so that the time of a miss tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from hangerd.slots.errors import SlotEnded, UnknownSlot, WrongToken
from hangerd.slots.graveyard import Graveyard
from hangerd.slots.limits import MissBudget, SlotLimits
from hangerd.slots.slot import Ended, Slot, State

Role = Literal["read", "write"]


class Registry:
    """The slots by token, with a short memory of those that ended."""

    def __init__(self, clock: Callable[[], float], limits: SlotLimits) -> None:
        self._slots: dict[str, Slot] = {}
        self._graveyard = Graveyard(clock, limits.max_ended, limits.ttl_ended)
        self.misses = MissBudget(clock, limits.miss_budget, limits.miss_refill)

    def add(self, slot: Slot) -> None:
        """Let both tokens of a new slot open it."""
        self._slots[slot.read_token] = self._slots[slot.write_token] = slot

    def remove(self, slot: Slot, state: State, reason: str) -> None:
        """Drop a slot, and remember how it ended where somebody may ask."""
        del self._slots[slot.read_token]
        self._slots.pop(slot.write_token, None)
        if state is State.CLOSED or not slot.legacy:
            self._graveyard.bury(slot, state, reason)

    def all(self) -> set[Slot]:
        """The slots that live now."""
        return set(self._slots.values())

    def ended(self, token: str) -> Ended | None:
        """How this token's slot ended, if it did so lately."""
        return self._graveyard.find(token)

    def live(self, token: str) -> Slot | None:
        """This token's slot, if it has not ended."""
        return self._slots.get(token)

    def find(
        self, token: str, client: str, role: Role | None = None, *, delivered: bool = False
    ) -> Slot:
        """The slot that a token opens for this role.

        Raises:
            UnknownSlot: there is none, or (unless `delivered`) its legacy value is with a reader.
            TooManyMisses: and this client asked too often for what is not there.
            WrongToken: the token is for the other role.
            SlotEnded: it has ended lately.
        """
        slot = self._slots.get(token) or self._graveyard.find(token)
        gone = isinstance(slot, Slot) and slot.legacy and slot.delivery and not delivered
        if slot is None or gone:
            self.misses.spend(client)
            raise UnknownSlot
        if role == "read" and token != slot.read_token:
            raise WrongToken("read")
        if role == "write" and token != slot.write_token:
            raise WrongToken("write")
        if isinstance(slot, Ended):
            raise SlotEnded(slot.state, slot.reason)
        return slot
