"""The slot table against a simpler model of it, in many thousand interleavings.

Every step asks both the same. What is told, what is held and when the next thing is due must agree
after each step; nobody is told twice, and when all is over nothing is left.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.deadlines import Deadlines
from hangerd.slots.errors import SlotEnded, SlotError
from hangerd.slots.limits import SlotLimits
from hangerd.slots.slot import (
    Delivery,
    Opened,
    Pending,
    Reason,
    Slot,
    Snapshot,
    State,
    Value,
    Waiter,
)
from hangerd.slots.table import SlotTable
from tests.slots.model import Asker, Model, ModelSlot, Refusal, Said

# So tight that every limit is met, and in whole seconds: see `Machine.ask`.
LIMITS = SlotLimits(
    ttl_open=100.0,
    ttl_written=40.0,
    ttl_longest=150.0,
    ttl_ended=60.0,
    lease=30.0,
    grace=10.0,
    doubt=3.0,
    max_slots=5,
    max_slots_per_client=4,
    max_stored=12,
    max_stored_per_client=9,
    max_held=7,
    max_held_per_client=5,
    max_readers_per_slot=3,
    miss_budget=10**9,
)
TICK = 2.0**-10
# In CI many short interleavings; at full scale long ones too.
STEPS = 50 if os.environ.get("HANGERD_SOAK") else 10
EXAMPLES = 10_000

clients = st.sampled_from("abc")
roles = st.sampled_from(["read", "write"])
datas = st.sampled_from([b"", b"x", b"\x00\xff", b"four", b"long text"])
waits = st.sampled_from([0.0, 5.0, 25.0, None])
# Which of several, counted from the last.
picks = st.integers(0, 5)
mostly_read = st.sampled_from(["read", "read", "read", "write"])
mostly_write = st.sampled_from(["write", "write", "write", "read"])


def said(outcome: Any) -> Said:
    """What the table said, in the model's words."""
    found: Said = ()
    match outcome:
        case Delivery(value=value):
            found = ("value", value.data)
        case Pending(state):
            found = ("pending", state)
        case Snapshot(state, readers, ttl, reason):
            found = ("state", state, readers, ttl, reason)
        case SlotEnded():
            found = ("SlotEnded", outcome.state, outcome.reason)
        case SlotError():
            found = (type(outcome).__name__,)
        case State():
            found = (outcome,)
        case Opened(read, write, ttl):
            found = ("opened", read != write, ttl)
    return found


class Machine(RuleBasedStateMachine):
    """Clients who do all that they can think of to a few slots."""

    table_class: type[SlotTable] = SlotTable

    def __init__(self, steps: Counter[str]) -> None:
        super().__init__()
        self.steps = steps
        self.clock = Clock()
        numbers = count()
        self.deadlines = Deadlines()
        self.table = self.table_class(
            self.clock.seconds, self.deadlines, lambda: f"token{next(numbers)}", LIMITS
        )
        self.model = Model(LIMITS)
        self.tokens: dict[ModelSlot, Opened] = {}
        self.askers: list[Asker] = []

    def ask(
        self, client: str, of_table: Callable[[Asker], Any], of_model: Callable[[Asker], Any]
    ) -> Asker:
        """Ask both; what comes back goes to the asker as what is told later does.

        Each question comes a tick after the one before, and all times are whole seconds. So no two
        things are ever due at once, and their order is no matter of chance.
        """
        self.clock.advance(TICK)
        self.model.now += TICK
        asker = Asker(client)
        self.askers.append(asker)
        try:
            found = of_table(asker)
            if isinstance(found, Waiter):
                asker.waiter = found
            else:
                asker.told.append(found)
        except SlotError as error:
            asker.told.append(error)
        try:
            expected = of_model(asker)
            if expected is not None:
                asker.expected.append(expected)
        except Refusal as refusal:
            asker.expected.append(refusal.said)
        self.steps[str(asker.expected[0][0]) if any(asker.expected) else "-"] += 1
        return asker

    def slot(self, pick: int) -> ModelSlot:
        return self.model.slots[-1 - pick % len(self.model.slots)]

    def reader(self, pick: int) -> Asker:
        """Somebody who got a value, now or earlier; anybody when nobody did."""
        readers = [a for a in self.askers if a.told and isinstance(a.told[-1], Delivery)]
        readers = readers or self.askers
        return readers[-1 - pick % len(readers)]

    def token(self, slot: ModelSlot, role: str) -> str:
        return str(getattr(self.tokens[slot], role))

    def lease(self, asker: Asker) -> str:
        """The lease that an asker got with his value, or one that is none."""
        last = asker.told[-1] if asker.told else None
        return last.lease if isinstance(last, Delivery) else "none"

    @initialize(split=st.booleans())
    def open_two(self, split: bool) -> None:
        """Have something to ask about from the start."""
        self.open("a", split, None, None)
        self.open("b", not split, None, None)

    @rule(
        client=clients,
        split=st.booleans(),
        ttl=st.sampled_from([None, 20.0, 1000.0]),
        data=st.one_of(st.none(), st.none(), datas),
    )
    def open(self, client: str, split: bool, ttl: float | None, data: bytes | None) -> None:
        value = None if data is None else Value(data)

        def of_model(_: Asker) -> Said:
            slot = self.model.open(client, split, ttl, data)
            return ("opened", slot.split, slot.ttl)

        asker = self.ask(
            client, lambda _: self.table.open(client, split=split, ttl=ttl, value=value), of_model
        )
        if isinstance(asker.told[0], Opened):
            self.tokens[self.model.slots[-1]] = asker.told[0]

    @rule(client=clients, pick=picks, role=mostly_write, data=datas, replace=st.booleans())
    def write(self, client: str, pick: int, role: str, data: bytes, replace: bool) -> None:
        slot = self.slot(pick)
        token = self.token(slot, role)
        self.ask(
            client,
            lambda _: self.table.write(token, Value(data), client, replace=replace),
            lambda _: self.model.write(slot, role, data, client, replace),
        )

    @rule(client=clients, pick=picks, role=mostly_read, wait=waits)
    def read(self, client: str, pick: int, role: str, wait: float | None) -> None:
        slot = self.slot(pick)
        token = self.token(slot, role)
        self.ask(
            client,
            lambda asker: self.table.read(token, client, asker, wait=wait),
            lambda asker: self.model.read(slot, role, asker, wait, lease=-1),
        )

    @rule(client=clients, pick=picks, earlier=picks, wait=waits)
    def read_again(self, client: str, pick: int, earlier: int, wait: float | None) -> None:
        slot, before = self.slot(pick), self.reader(earlier)
        lease = self.lease(before)
        self.ask(
            client,
            lambda asker: self.table.read(
                self.token(slot, "read"), client, asker, wait=wait, lease=lease
            ),
            lambda asker: self.model.read(slot, "read", asker, wait, before.lease or -1),
        )

    @rule(client=clients, pick=picks, role=roles, wait=waits)
    def watch(self, client: str, pick: int, role: str, wait: float | None) -> None:
        slot = self.slot(pick)
        token = self.token(slot, role)
        self.ask(
            client,
            lambda asker: self.table.watch(token, client, asker, wait),
            lambda asker: self.model.watch(slot, asker, wait),
        )

    @rule(client=clients, pick=picks, role=mostly_read, earlier=picks)
    def ack(self, client: str, pick: int, role: str, earlier: int) -> None:
        slot, before = self.slot(pick), self.reader(earlier)
        lease, token = self.lease(before) or "none", self.token(slot, role)
        self.ask(
            client,
            lambda _: self.table.ack(token, lease, client),
            lambda _: self.model.ack(slot, role, before.lease or -1),
        )

    @precondition(lambda self: any(slot.holder for slot in self.model.live))
    @rule(client=clients, pick=picks)
    def ack_rightly(self, client: str, pick: int) -> None:
        """Acknowledge by who has a value: picked blindly, few would be."""
        held = [slot for slot in self.model.live if slot.holder]
        slot = held[pick % len(held)]
        assert slot.holder is not None
        before = slot.holder
        self.ask(
            client,
            lambda _: self.table.ack(
                self.token(slot, "read"), self.lease(before) or "none", client
            ),
            lambda _: self.model.ack(slot, "read", before.lease or -1),
        )

    @rule(client=clients, pick=picks, role=roles, reason=st.sampled_from(list(Reason)))
    def close(self, client: str, pick: int, role: str, reason: Reason) -> None:
        slot = self.slot(pick)
        token = self.token(slot, role)
        self.ask(
            client,
            lambda _: self.table.close(token, reason, client),
            lambda _: self.model.close(slot, reason),
        )

    @rule(client=clients, pick=picks, role=roles)
    def look(self, client: str, pick: int, role: str) -> None:
        slot = self.slot(pick)
        self.ask(
            client,
            lambda _: self.table.state(self.token(slot, role), client),
            lambda _: self.model.look(slot),
        )

    @rule(pick=picks, lost=st.booleans())
    def settle(self, pick: int, lost: bool) -> None:
        asker = self.reader(pick)
        if asker.told and isinstance(asker.told[-1], Delivery):
            self.settle_one(asker, lost)

    @precondition(lambda self: any(slot.holder for slot in self.model.live))
    @rule(pick=picks, lost=st.booleans())
    def settle_what_is_held(self, pick: int, lost: bool) -> None:
        held = [slot.holder for slot in self.model.live if slot.holder]
        self.settle_one(held[pick % len(held)], lost)

    def settle_one(self, asker: Asker, lost: bool) -> None:
        def of_model(_: Asker) -> Said:
            self.model.settle(asker, lost)
            return ()

        self.ask("", lambda _: self.table.settle(asker.told[-1], lost=lost), of_model)

    @precondition(lambda self: any(asker.waiter for asker in self.askers))
    @rule(pick=picks)
    def forget(self, pick: int) -> None:
        waited = [asker for asker in self.askers if asker.waiter]
        asker = waited[-1 - pick % len(waited)]

        def of_model(_: Asker) -> Said:
            self.model.forget(asker)
            return ()

        self.ask("", lambda _: self.table.forget(asker.waiter), of_model)

    @precondition(lambda self: self.model.live)
    @rule(seconds=st.sampled_from([1, 5, 10, 30, 60, 200]))
    def pass_time(self, seconds: int) -> None:
        """Let time pass, stopping wherever something is due."""
        self.steps["time"] += 1
        until = self.clock.seconds() + seconds
        while (when := self.deadlines.next()) is not None and when <= until:
            self.agree()
            self.clock.advance(when - self.clock.seconds())
            self.model.now = self.clock.seconds()
            for call in self.deadlines.due(when):
                call()
            self.model.ring()
        self.clock.advance(until - self.clock.seconds())
        self.model.now = self.clock.seconds()

    @invariant()
    def agree(self) -> None:
        for asker in self.askers:
            told = [said(outcome) for outcome in asker.told]
            assert told == asker.expected, (told, asker.expected)
            assert len(told) <= 1, "nobody is told twice"
        table, model = self.table, self.model
        held = (table.opened.used, table.stored.used, table.holding.used)
        assert held == (len(model.live), model.stored(), model.waiting())
        assert self.deadlines.next() == model.next()

    @invariant()
    def one_reader_a_value(self) -> None:
        """By the very deliveries: a value is with the one who should have it, and nobody else."""
        for slot in self.model.live:
            inner = self.table._registry.live(self.token(slot, "read"))
            assert inner is not None
            holders = [a for a in self.askers if a.told and a.told[-1] is inner.delivery]
            assert holders == [slot.holder] if slot.holder else inner.delivery is None

    def teardown(self) -> None:
        self.table.end_all()
        assert len(self.deadlines) == 0
        held = (self.table.opened.used, self.table.stored.used, self.table.holding.used)
        assert held == (0, 0, 0)
        assert not self.table._registry._slots


def run(machine: type[Machine], examples: int, *phases: Phase) -> Counter[str]:
    """Run a machine that often, and count its steps by what they came to."""
    steps: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: machine(steps),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            phases=phases or tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return steps


class TableMachineTests(SynchronousTestCase):
    """In two halves, for the two processes of `make unit`."""

    @pytest.mark.soak
    def test_one_half_of_the_interleavings(self) -> None:
        self.interleave(EXAMPLES // 2)

    @pytest.mark.soak
    def test_the_other_half(self) -> None:
        self.interleave(EXAMPLES - EXAMPLES // 2)

    def interleave(self, number: int) -> None:
        steps = run(Machine, number)
        print(f"{number} interleavings of up to {STEPS} steps, {steps.total()} in all:")
        print(", ".join(f"{name} {number}" for name, number in steps.most_common()))
        self.assertGreater(steps.total(), 10_000)
        # None of this proves anything that did not happen.
        for what in ("value", "pending", "SlotEnded", "UnknownSlot", "LeaseEnded", "WrongToken"):
            self.assertGreater(steps[what], 50, what)
        for what in ("AlreadyWritten", "TooManyReaders", "Full", "ClientFull"):
            self.assertGreater(steps[what], 0, what)


class LastComeFirstServed(SlotTable):
    """Serves the youngest reader."""

    def _serve(self, slot: Slot, ttl: float | None = None) -> None:
        if slot.readers:
            slot.readers.reverse()
        super()._serve(slot, ttl)


class LosesValues(SlotTable):
    """Keeps no value whose reader vanished."""

    def settle(self, delivery: Delivery, *, lost: bool) -> None:
        super().settle(delivery, lost=lost and not delivery.slot.legacy)


class ForgetsToGiveBack(SlotTable):
    """Counts the bytes of a replaced value for ever."""

    def _fill(self, slot: Slot, value: Value, client: str) -> None:
        slot.value = None
        super()._fill(slot, value, client)


class ExpiresUnderReaders(SlotTable):
    """Lets a slot expire although somebody waits."""

    def _last_reader_left(self, slot: Slot) -> None:
        """Leave it as it is."""


class MachineFindsFaultsTests(SynchronousTestCase):
    def test_faults_are_found(self) -> None:
        faulty = (LastComeFirstServed, LosesValues, ForgetsToGiveBack, ExpiresUnderReaders)
        for table in faulty:
            machine = type(table.__name__, (Machine,), {"table_class": table})
            with self.assertRaises(AssertionError):
                run(machine, 10_000, Phase.generate)  # it ends at the first fault
