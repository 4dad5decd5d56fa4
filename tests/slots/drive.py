"""A slot table with a clock that the test turns, tokens that count up, and ears for its waiters."""

from __future__ import annotations

from itertools import count

from twisted.internet.task import Clock

from hangerd.deadlines import Deadlines
from hangerd.slots.limits import SlotLimits
from hangerd.slots.slot import Delivery, Opened, Outcome, Pending, Value, Waiter
from hangerd.slots.table import SlotTable


class Ear:
    """Somebody who waits, and what he was told."""

    def __init__(self) -> None:
        self.told: list[Outcome] = []

    def __call__(self, outcome: Outcome) -> None:
        self.told.append(outcome)

    @property
    def delivery(self) -> Delivery:
        """The one delivery that came."""
        [outcome] = self.told
        assert isinstance(outcome, Delivery), outcome
        return outcome


class Bench:
    """A table and the little that tests of it need."""

    def __init__(self, limits: SlotLimits | None = None) -> None:
        self.clock = Clock()
        numbers = count()
        self.deadlines = Deadlines()
        self.table = SlotTable(
            self.clock.seconds,
            self.deadlines,
            lambda: f"token{next(numbers)}",
            limits or SlotLimits(),
        )

    def open(
        self, *, split: bool = True, ttl: float | None = None, data: bytes | None = None
    ) -> Opened:
        """Open a slot as the client "opener"."""
        value = None if data is None else Value(data)
        return self.table.open("opener", split=split, ttl=ttl, value=value)

    def write(self, token: str, data: bytes = b"value", *, replace: bool = False) -> str:
        """Write as the client "writer"."""
        return self.table.write(token, Value(data), "writer", replace=replace)

    def read(
        self, token: str, ear: Ear | None = None, *, wait: float | None = None, lease: str = ""
    ) -> Delivery | Pending | Waiter:
        """Read as the client "reader"."""
        return self.table.read(token, "reader", ear or Ear(), wait=wait, lease=lease)

    def take(self, token: str) -> Delivery:
        """Read what is there."""
        found = self.read(token, wait=0)
        assert isinstance(found, Delivery), found
        return found

    def join(self, token: str, *, wait: float | None = None) -> tuple[Ear, Waiter]:
        """Read what is not there yet."""
        ear = Ear()
        found = self.read(token, ear, wait=wait)
        assert isinstance(found, Waiter), found
        return ear, found

    def watch(self, token: str, *, wait: float | None = None) -> tuple[Ear, Waiter]:
        """Watch for the word that the value arrived."""
        ear = Ear()
        found = self.table.watch(token, "watcher", ear, wait)
        assert isinstance(found, Waiter), found
        return ear, found

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and do what is due."""
        self.clock.advance(seconds)
        for call in self.deadlines.due(self.clock.seconds()):
            call()

    @property
    def held(self) -> tuple[int, int, int]:
        """Slots, stored bytes and waiting requests, by the table's quotas."""
        table = self.table
        return table.opened.used, table.stored.used, table.holding.used
