"""The slot table: who may read, write and end what, and in which order.

Pure: a clock and a token source are given to it; it knows no HTTP, no sockets and no Deferreds.
A slot has one value, a value one reader at a time; readers are served first come, first served.
Every call leaves the table whole before it tells anybody anything.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hangerd.deadlines import Later
from hangerd.slots.errors import (
    AlreadyWritten,
    LeaseEnded,
    ShuttingDown,
    SlotEnded,
    SlotError,
    UnknownSlot,
)
from hangerd.slots.expiry import Expiry
from hangerd.slots.limits import Quota, SlotLimits
from hangerd.slots.registry import Registry
from hangerd.slots.shelf import Shelf
from hangerd.slots.slot import (
    Delivery,
    Opened,
    Pending,
    Reason,
    Slot,
    Snapshot,
    State,
    Tell,
    Value,
    Waiter,
)
from hangerd.slots.waiting import Waiting


class SlotTable:
    """All slots of a daemon.

    What is to happen later is asked for with `deadlines`. Who else holds requests counts them in
    with `holding`; the others are there to be looked at.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        deadlines: Later,
        new_token: Callable[[], str],
        limits: SlotLimits,
    ) -> None:
        self._new_token = new_token
        self._limits = limits
        self._registry = Registry(clock, limits)
        self._expiry = Expiry(clock, deadlines, limits, self._expired)
        self.opened = Quota("slots", limits.max_slots, limits.max_slots_per_client)
        self.shelf = Shelf(limits)
        self.stored = self.shelf.bytes
        self.misses = self._registry.misses
        self.holding = Quota("waiting requests", limits.max_held, limits.max_held_per_client)
        self.waiting = Waiting(
            clock,
            deadlines,
            self.holding,
            limits.max_readers_per_slot,
            on_last_left=self._last_reader_left,
        )

    def open(
        self,
        client: str,
        *,
        split: bool = False,
        ttl: float | None = None,
        value: Value | None = None,
    ) -> Opened:
        """Open a slot: with one token for all (legacy), or `split` into a read and a write token.

        It may stay open for `ttl` seconds; `value` fills it at once.

        Raises:
            Refused: a limit was reached.
        """
        self.opened.take(client)
        read = self._new_token()
        write = self._new_token() if split else read
        ttl = min(ttl or self._limits.ttl_open, self._limits.ttl_longest)
        if value is not None:
            ttl = min(ttl, self._limits.ttl_written)
        slot = Slot(opened := Opened(read, write, ttl), client)
        if value is not None:
            try:
                self._fill(slot, value, client)
            except SlotError:
                self.opened.give(client)
                raise
        self._registry.add(slot)
        self._expiry.expect(slot)
        return opened

    def write(self, token: str, value: Value, client: str, *, replace: bool = False) -> State:
        """Give a slot its value; the first reader who waits has it when this returns.

        Raises:
            AlreadyWritten: it has one that nobody took. `replace` puts the new one in its place.
            SlotError: as `Registry.find`, or a limit was reached.
        """
        slot = self._registry.find(token, client, "write")
        if slot.delivery is not None:
            raise AlreadyWritten(leased=True)
        if slot.value is not None and not replace:
            raise AlreadyWritten
        self._fill(slot, value, client)
        self._serve(slot)
        return slot.state

    def read(
        self, token: str, client: str, tell: Tell, *, wait: float | None = None, lease: str = ""
    ) -> Delivery | Pending | Waiter:
        """Take the value, or wait for it.

        `wait` is the longest wait in seconds, 0 not to wait at all, None to wait for ever. `lease`
        asks again for what that lease delivered, and renews it.

        Returns:
            The delivery; `Pending` when not to wait; or a waiter, and `tell` is called later.

        Raises:
            TooManyReaders: enough readers wait on this slot.
            SlotError: as `Registry.find`, or a limit was reached.
        """
        slot = self._registry.find(token, client, "read", delivered=True)
        if slot.delivery is not None and lease and slot.delivery.lease == lease:
            return self._deliver(slot, lease)
        if slot.legacy and slot.delivery is not None:
            # The word that the delivery was lost may be on its way, just behind this read.
            doubt = self._limits.doubt
            return self.waiting.join(slot, client, tell, doubt, when_over=UnknownSlot())
        if slot.state is State.STORED:
            return self._deliver(slot)
        if wait == 0:
            return Pending(slot.state)
        waiter = self.waiting.join(slot, client, tell, wait)
        if slot.state is State.OPEN:
            self._expiry.cancel(slot)
        return waiter

    def watch(self, token: str, client: str, tell: Tell, wait: float | None) -> Pending | Waiter:
        """Wait until the slot's value was acknowledged, at most `wait` seconds.

        Returns:
            How it stands, if it has ended or not to wait; or a waiter, and then `tell` is called
            later: with `Pending`, or with `SlotEnded` when the slot ends in another way.

        Raises:
            SlotError: as `state`, or a limit was reached.
        """
        seen = self.state(token, client)
        slot = self._registry.live(token)
        if slot is None or wait == 0:
            return Pending(seen.state)
        return self.waiting.join(slot, client, tell, wait, watching=True)

    def forget(self, waiter: Waiter) -> None:
        """Drop somebody who went away; harmless when he was told already."""
        self.waiting.leave(waiter)

    def settle(self, delivery: Delivery, *, lost: bool) -> None:
        """Say how a delivery went, `lost` or arrived; harmless when that was said before.

        A lost value is there again, byte for byte: in the legacy protocol for a short grace time.
        """
        slot = delivery.slot
        if slot.delivery is not delivery:
            return
        if lost:
            self._put_back(slot, self._limits.grace if slot.legacy else None)
        elif slot.legacy:
            self._end(slot, State.ACKED, "acked", UnknownSlot)

    def ack(self, token: str, lease: str, client: str) -> None:
        """End a slot whose value has arrived. Saying it twice, or late, is harmless.

        Raises:
            LeaseEnded: somebody else has read since, or might have.
            SlotError: as `Registry.find`.
        """
        ended = self._registry.ended(token)
        known = ended and (ended.state, ended.read_token, ended.lease)
        if known == (State.ACKED, token, lease):
            return
        slot = self._registry.find(token, client, "read")
        if not lease or slot.lease != lease:
            raise LeaseEnded
        self._end(slot, State.ACKED, "acked", partial(SlotEnded, State.ACKED, "acked"))

    def close(self, token: str, reason: Reason, client: str) -> None:
        """End a slot with its value; who waits on it is told the reason. Closing twice is harmless.

        Raises:
            SlotError: as `Registry.find`.
        """
        ended = self._registry.ended(token)
        if ended is not None and ended.state is State.CLOSED:
            return
        slot = self._registry.find(token, client)
        self._end(slot, State.CLOSED, reason, partial(SlotEnded, State.CLOSED, reason))

    def state(self, token: str, client: str) -> Snapshot:
        """Look at a slot, also for a while after its end.

        Raises:
            UnknownSlot: there is none.
            TooManyMisses: and this client asked too often for what is not there.
        """
        ended = self._registry.ended(token)
        if ended is not None:
            return Snapshot(ended.state, 0, None, ended.reason)
        return self._snapshot(self._registry.find(token, client))

    def legacy(self, token: str) -> bool:
        """Whether this is the token of a live slot with one token for all."""
        slot = self._registry.live(token)
        return slot is not None and slot.legacy

    def end_all(self) -> None:
        """Tell everybody who waits that the daemon stops, and drop all slots."""
        for slot in self._registry.all():
            # Who is told may end other slots in his turn.
            if self._registry.live(slot.read_token) is slot:
                self._end(slot, State.CLOSED, Reason.CANCEL, ShuttingDown)

    def _snapshot(self, slot: Slot) -> Snapshot:
        return Snapshot(slot.state, len(slot.readers or ()), self._expiry.left(slot))

    def _fill(self, slot: Slot, value: Value, client: str) -> None:
        self.shelf.put(slot, value, client)
        slot.state = State.STORED
        slot.lease = ""

    def _serve(self, slot: Slot, ttl: float | None = None) -> None:
        """Hand a stored value to the first who waits, or keep it for `ttl` seconds."""
        waiter = self.waiting.next_reader(slot)
        if waiter is None:
            self._expiry.expect(slot, ttl)
        else:
            waiter.tell(self._deliver(slot))

    def _deliver(self, slot: Slot, lease: str = "") -> Delivery:
        assert slot.value is not None, "only a stored value is delivered"  # noqa: S101 (for mypy)
        limits = self._limits
        seconds = limits.grace if slot.legacy else limits.lease
        lease = "" if slot.legacy else lease or self._new_token()
        delivery = Delivery(slot, slot.value, lease, seconds)
        slot.state, slot.delivery = State.LEASED, delivery
        slot.lease = lease
        # Silence means that a legacy reader has it, and that a lease's holder does not.
        settle = partial(self.settle, delivery, lost=not slot.legacy)
        self._expiry.call_after(slot, seconds, settle)
        return delivery

    def _put_back(self, slot: Slot, ttl: float | None) -> None:
        slot.delivery = None
        slot.state = State.STORED
        self.shelf.returned += 1
        self._serve(slot, ttl)

    def _end(self, slot: Slot, state: State, reason: str, error: Callable[[], SlotError]) -> None:
        """Take a slot out of the table, then tell those who waited on it, each an `error`."""
        self._expiry.cancel(slot)
        self.shelf.clear(slot)
        self._registry.remove(slot, state, reason)
        self.opened.give(slot.client)
        slot.delivery = None
        slot.state = state
        if slot.readers or slot.watchers:
            readers, watchers = self.waiting.dismiss(slot)
            for waiter in readers:
                waiter.tell(error())
            for waiter in watchers:
                waiter.tell(Pending(state) if state is State.ACKED else error())

    def _last_reader_left(self, slot: Slot) -> None:
        if slot.state is State.OPEN:
            self._expiry.expect(slot)

    def _expired(self, slot: Slot) -> None:
        self._end(slot, State.EXPIRED, "expired", partial(SlotEnded, State.EXPIRED, "expired"))
