"""The slots as a Twisted service: the table with a clock that runs, and Deferreds that wait.

Requests call it; it raises what the table refuses, and its Deferreds fire when somebody writes,
when the wait is over, or when the daemon stops. Cancelling one forgets its waiter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime

from hangerd.histogram import Histogram
from hangerd.idle import Use
from hangerd.slots.errors import ShuttingDown, SlotError
from hangerd.slots.limits import SlotLimits
from hangerd.slots.slot import (
    Delivery,
    Opened,
    Outcome,
    Pending,
    Reason,
    Snapshot,
    State,
    Tell,
    Value,
    Waiter,
)
from hangerd.slots.table import SlotTable
from hangerd.timetable import Timetable

Result = TypeVar("Result")


@dataclass(frozen=True)
class Counts:
    """What the slots hold now, `stored` in bytes, and since the start: `writes`, `redeliveries`.

    `written` slots have a value; `oldest` is when the one who waits longest came, by the clock.
    """

    slots: int
    stored: int
    waiting: int
    written: int
    writes: int
    redeliveries: int
    oldest: float | None


class SlotsService(Service):
    """Slots for the requests of all doors.

    `wakes` counts how long it took from the write until a reader who waited for it had it.
    """

    name = "slots"

    def __init__(
        self, clock: IReactorTime, new_token: Callable[[], str], limits: SlotLimits
    ) -> None:
        self._clock = clock
        self._times = Timetable(clock)
        self._table = SlotTable(clock.seconds, self._times, new_token, limits)
        self._stopping = False
        self._opened = 0
        self._sleepers: set[Deferred[None]] = set()
        self.wakes = Histogram()

    def startService(self) -> None:
        """Accept requests."""
        super().startService()
        self._stopping = False

    def stopService(self) -> None:
        """Refuse what comes, and tell everybody who waits that the daemon stops."""
        self._stopping = True
        super().stopService()
        self._table.end_all()
        for sleeper in list(self._sleepers):
            sleeper.errback(ShuttingDown())
        self._times.stop()

    def open(
        self,
        client: str,
        *,
        split: bool = False,
        ttl: float | None = None,
        value: Value | None = None,
    ) -> Opened:
        """As `SlotTable.open`."""
        self._refuse_when_stopping()
        opened = self._table.open(client, split=split, ttl=ttl, value=value)
        self._opened += 1
        return opened

    def write(self, token: str, value: Value, client: str, *, replace: bool = False) -> State:
        """As `SlotTable.write`."""
        self._refuse_when_stopping()
        return self._table.write(token, value, client, replace=replace)

    def read(
        self, token: str, client: str, *, wait: float | None = None, lease: str = ""
    ) -> Deferred[Delivery | Pending]:
        """Take a value or wait for it, as `SlotTable.read`; fires with what came.

        Fails with `SlotEnded`, `UnknownSlot` or `ShuttingDown` when that ends the wait.
        """
        found = self.take(token, client, wait=wait, lease=lease)
        return found if isinstance(found, Deferred) else succeed(found)

    def take(
        self, token: str, client: str, *, wait: float | None = None, lease: str = ""
    ) -> Delivery | Pending | Deferred[Delivery | Pending]:
        """Do as `read`, but return at once what is there."""

        def start(tell: Tell) -> Delivery | Pending | Waiter:
            return self._table.read(token, client, tell, wait=wait, lease=lease)

        return self._wait(start)

    def watch(self, token: str, client: str, wait: float | None) -> Deferred[Pending]:
        """Wait for the word that a value arrived, as `SlotTable.watch`."""

        def start(tell: Tell) -> Pending | Waiter:
            return self._table.watch(token, client, tell, wait)

        # The table tells a watcher of no delivery.
        found: Any = self._wait(start)
        return found if isinstance(found, Deferred) else succeed(found)

    def settle(self, delivery: Delivery, *, lost: bool) -> None:
        """As `SlotTable.settle`."""
        if delivery.woke is not None and not lost:
            self.wakes.add(self._clock.seconds() - delivery.woke)
            delivery.woke = None
        self._table.settle(delivery, lost=lost)

    def ack(self, token: str, lease: str, client: str) -> None:
        """As `SlotTable.ack`."""
        self._refuse_when_stopping()
        self._table.ack(token, lease, client)

    def close(self, token: str, reason: Reason, client: str) -> None:
        """As `SlotTable.close`."""
        self._refuse_when_stopping()
        self._table.close(token, reason, client)

    def state(self, token: str, client: str) -> Snapshot:
        """As `SlotTable.state`."""
        self._refuse_when_stopping()
        return self._table.state(token, client)

    def sleep(self, seconds: float, client: str) -> Deferred[None]:
        """Wait as a sleeping program does; counted with the waiting requests.

        Raises:
            Refused: too many requests wait, or the daemon stops.
        """
        self._refuse_when_stopping()
        holding = self._table.holding
        holding.take(client)
        sleeper: Deferred[None] = Deferred()
        self._sleepers.add(sleeper)
        call = self._clock.callLater(seconds, sleeper.callback, None)

        def ended(result: Result) -> Result:
            holding.give(client)
            self._sleepers.discard(sleeper)
            if call.active():
                call.cancel()
            return result

        return sleeper.addBoth(ended)

    def legacy(self, token: str) -> bool:
        """Whether this token speaks the legacy protocol; False for one that opens nothing."""
        return self._table.legacy(token)

    def use(self) -> Use:
        """Count slots and waiting requests, and all slots that were opened."""
        counts = self.counts()
        return Use(counts.slots + counts.waiting, self._opened)

    def counts(self) -> Counts:
        """How much there is of everything."""
        table = self._table
        return Counts(
            slots=table.opened.used,
            stored=table.stored.used,
            waiting=table.holding.used,
            written=table.shelf.values,
            writes=table.shelf.writes,
            redeliveries=table.shelf.returned,
            oldest=table.waiting.oldest,
        )

    def refusals(self) -> dict[str, int]:
        """How often a limit was reached since the start, by what there was too much of."""
        table = self._table
        quotas = (table.opened, table.stored, table.holding)
        return {quota.name: quota.refused for quota in quotas} | {"misses": table.misses.refused}

    def _refuse_when_stopping(self) -> None:
        if self._stopping:
            raise ShuttingDown

    def _wait(
        self, start: Callable[[Tell], Delivery | Pending | Waiter]
    ) -> Delivery | Pending | Deferred[Delivery | Pending]:
        self._refuse_when_stopping()

        def tell(outcome: Outcome) -> None:
            if isinstance(outcome, SlotError):
                waiting.errback(outcome)
            else:
                if isinstance(outcome, Delivery):
                    outcome.woke = self._clock.seconds()
                waiting.callback(outcome)

        begun = start(tell)
        if not isinstance(begun, Waiter):
            return begun
        # The table calls `tell` only after `start` has returned.
        waiting: Deferred[Delivery | Pending] = Deferred(partial(self._forget, begun))
        return waiting

    def _forget(self, waiter: Waiter, _: object) -> None:
        self._table.forget(waiter)
