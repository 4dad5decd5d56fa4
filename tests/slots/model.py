"""What the slot table promises, said a second time and as simply as can be, to test it against.

Written from the rules: no heap, no registry, no quotas that are kept, only lists that are counted.
Everybody who asks something is an `Asker`; what he should hear goes into `expected`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hangerd.slots.limits import SlotLimits

# What somebody is told, in a form that a test can compare.
Said = tuple[Any, ...]


@dataclass(eq=False)
class Asker:
    """One request: what it heard (`told`, by the table), and what it should have heard."""

    client: str
    told: list[Any] = field(default_factory=list)
    expected: list[Said] = field(default_factory=list)
    lease: int = 0
    until: float | None = None
    in_doubt: bool = False
    waiter: Any = None
    slot: ModelSlot | None = None

    def __call__(self, outcome: Any) -> None:
        self.told.append(outcome)


@dataclass(eq=False)
class ModelSlot:
    """A slot: `holder` has its value, `until` is when it expires or its holder's time is over."""

    split: bool
    client: str
    ttl: float
    until: float | None = None
    data: bytes | None = None
    payer: str = ""
    holder: Asker | None = None
    readers: list[Asker] = field(default_factory=list)
    watchers: list[Asker] = field(default_factory=list)
    lease: int = 0
    ended: Said = ()
    ended_at: float = 0.0
    acked_lease: int = 0

    @property
    def state(self) -> str:
        if self.ended:
            return str(self.ended[1])
        if self.holder is not None:
            return "leased"
        return "open" if self.data is None else "stored"


class Refusal(Exception):
    """What an asker is told in place of an answer."""

    def __init__(self, *said: object) -> None:
        super().__init__(*said)
        self.said = said


class Model:
    """All slots that ever were."""

    def __init__(self, limits: SlotLimits) -> None:
        self.limits = limits
        self.now = 0.0
        self.slots: list[ModelSlot] = []
        self.leases = 0

    # What is held, counted anew each time.

    @property
    def live(self) -> list[ModelSlot]:
        return [slot for slot in self.slots if not slot.ended]

    def stored(self, client: str | None = None) -> int:
        return sum(len(s.data or b"") for s in self.live if client in {None, s.payer})

    def waiting(self, client: str | None = None) -> int:
        everybody = [asker for slot in self.live for asker in (*slot.readers, *slot.watchers)]
        return sum(client in {None, asker.client} for asker in everybody)

    def room_for(self, used: int, used_by_client: int, most: int, most_by_client: int) -> None:
        if used > most:
            raise Refusal("Full")
        if used_by_client > most_by_client:
            raise Refusal("ClientFull")

    # What one may ask.

    def open(self, client: str, split: bool, ttl: float | None, data: bytes | None) -> ModelSlot:
        limits, mine = self.limits, [s for s in self.live if s.client == client]
        self.room_for(
            len(self.live) + 1, len(mine) + 1, limits.max_slots, limits.max_slots_per_client
        )
        slot = ModelSlot(split, client, min(ttl or limits.ttl_open, limits.ttl_longest))
        if data is not None:
            slot.ttl = min(slot.ttl, limits.ttl_written)
            self.fill(slot, data, client)
        self.slots.append(slot)
        self.rest(slot)
        return slot

    def write(
        self, slot: ModelSlot, role: str, data: bytes, client: str, replace: bool
    ) -> tuple[str]:
        self.find(slot, role, "write")
        if slot.holder or (slot.data is not None and not replace):
            raise Refusal("AlreadyWritten")
        self.fill(slot, data, client)
        self.serve(slot)
        return (slot.state,)

    def read(
        self, slot: ModelSlot, role: str, asker: Asker, wait: float | None, lease: int
    ) -> Said | None:
        self.find(slot, role, "read", delivered=True)
        if slot.holder and slot.split and slot.holder.lease == lease:
            return self.deliver(slot, asker, lease)
        if slot.holder and not slot.split:
            self.join(slot, slot.readers, asker, self.limits.doubt)
            asker.in_doubt = True
            return None
        if slot.state == "stored":
            return self.deliver(slot, asker)
        if wait == 0:
            return ("pending", slot.state)
        self.join(slot, slot.readers, asker, wait)
        if slot.state == "open":
            slot.until = None
        return None

    def watch(self, slot: ModelSlot, asker: Asker, wait: float | None) -> Said | None:
        seen = self.look(slot)
        if slot.ended or wait == 0:
            return ("pending", seen[1])
        self.join(slot, slot.watchers, asker, wait)
        return None

    def forget(self, asker: Asker) -> None:
        slot = asker.slot
        if slot is None or slot.ended:
            return
        if asker in slot.readers:
            slot.readers.remove(asker)
            if not slot.readers and slot.state == "open":
                self.rest(slot)
        elif asker in slot.watchers:
            slot.watchers.remove(asker)

    def settle(self, asker: Asker, lost: bool) -> None:
        slot = asker.slot
        if slot is None or slot.holder is not asker:
            return
        if lost:
            self.put_back(slot)
        elif not slot.split:
            self.end(slot, "acked", "acked")

    def ack(self, slot: ModelSlot, role: str, lease: int) -> tuple[()]:
        acked = slot.state == "acked" and slot.acked_lease == lease
        if self.remembered(slot) and acked and role == "read":
            return ()
        self.find(slot, role, "read")
        if slot.lease != lease:
            raise Refusal("LeaseEnded")
        slot.acked_lease = lease
        self.end(slot, "acked", "acked")
        return ()

    def close(self, slot: ModelSlot, reason: str) -> tuple[()]:
        if not (self.remembered(slot) and slot.state == "closed"):
            self.find(slot)
            self.end(slot, "closed", reason)
        return ()

    def look(self, slot: ModelSlot) -> Said:
        if self.remembered(slot):
            return ("state", slot.state, 0, None, slot.ended[2])
        self.find(slot)
        ttl = None if slot.until is None else slot.until - self.now
        return ("state", slot.state, len(slot.readers), ttl, "")

    # Time.

    def next(self) -> float | None:
        times = [slot.until for slot in self.live]
        times += [a.until for s in self.live for a in (*s.readers, *s.watchers)]
        return min((time for time in times if time is not None), default=None)

    def ring(self) -> None:
        """Do what is due now."""
        for slot in self.live:
            for asker in (*slot.readers, *slot.watchers):
                if asker.until == self.now:
                    self.forget(asker)
                    late = ("UnknownSlot",) if asker.in_doubt else ("pending", slot.state)
                    asker.expected.append(late)
            if slot.until == self.now:
                if slot.holder is None:
                    self.end(slot, "expired", "expired")
                else:
                    self.settle(slot.holder, lost=slot.split)

    # The rules behind.

    def remembered(self, slot: ModelSlot) -> bool:
        kept = slot.split or slot.state == "closed"
        return bool(slot.ended) and kept and self.now < slot.ended_at + self.limits.ttl_ended

    def find(
        self, slot: ModelSlot, role: str = "", needed: str = "", delivered: bool = False
    ) -> None:
        if slot.ended and not self.remembered(slot):
            raise Refusal("UnknownSlot")
        if slot.holder and not slot.split and not delivered:
            raise Refusal("UnknownSlot")
        if slot.split and role != needed:
            raise Refusal("WrongToken")
        if slot.ended:
            raise Refusal(*slot.ended)

    def fill(self, slot: ModelSlot, data: bytes, client: str) -> None:
        if data:
            limits, more, old = self.limits, len(data), len(slot.data or b"")
            self.room_for(
                self.stored() - old + more,
                self.stored(client) - (old if slot.payer == client else 0) + more,
                limits.max_stored,
                limits.max_stored_per_client,
            )
        slot.data, slot.payer, slot.lease = data, client, 0

    def serve(self, slot: ModelSlot) -> None:
        if slot.readers:
            first = slot.readers.pop(0)
            first.expected.append(self.deliver(slot, first))
        else:
            self.rest(slot)

    def deliver(self, slot: ModelSlot, asker: Asker, lease: int = 0) -> Said:
        self.leases += 1
        asker.lease = slot.lease = (lease or self.leases) if slot.split else 0
        asker.slot = slot
        slot.holder = asker
        slot.until = self.now + (self.limits.lease if slot.split else self.limits.grace)
        return ("value", slot.data)

    def put_back(self, slot: ModelSlot) -> None:
        slot.holder = None
        self.serve(slot)
        if slot.holder is None and not slot.split:
            slot.until = self.now + self.limits.grace

    def rest(self, slot: ModelSlot) -> None:
        written = slot.data is not None
        ttl = min(slot.ttl, self.limits.ttl_written) if written else slot.ttl
        slot.until = self.now + ttl

    def join(self, slot: ModelSlot, line: list[Asker], asker: Asker, wait: float | None) -> None:
        limits = self.limits
        if len(line) >= limits.max_readers_per_slot:
            raise Refusal("TooManyReaders")
        self.room_for(
            self.waiting() + 1,
            self.waiting(asker.client) + 1,
            limits.max_held,
            limits.max_held_per_client,
        )
        line.append(asker)
        asker.slot = slot
        asker.until = None if wait is None else self.now + wait

    def end(self, slot: ModelSlot, state: str, reason: str) -> None:
        error: Said = ("SlotEnded", state, reason)
        if state == "acked" and not slot.split:
            error = ("UnknownSlot",)
        for asker in slot.readers:
            asker.expected.append(error)
        for asker in slot.watchers:
            asker.expected.append(("pending", "acked") if state == "acked" else error)
        slot.ended, slot.ended_at = ("SlotEnded", state, reason), self.now
        slot.holder = slot.data = slot.until = None
        slot.readers, slot.watchers = [], []
