"""Tests of `hangerd.slots.table`: how slots end, what is given back, and who is told."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from hangerd.slots.errors import (
    ClientFull,
    Full,
    ShuttingDown,
    SlotEnded,
    TooManyMisses,
    UnknownSlot,
)
from hangerd.slots.limits import SlotLimits
from hangerd.slots.slot import Opened, Outcome, Pending, Reason, Snapshot, State
from tests.slots.drive import Bench


class TimeToLiveTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()

    def alive(self, token: str) -> bool:
        return self.bench.table.state(token, "x").state is not State.EXPIRED

    def test_open(self) -> None:
        slot = self.bench.open()
        self.bench.pass_time(3599.0)
        self.assertTrue(self.alive(slot.read))
        self.bench.pass_time(1.0)
        self.assertFalse(self.alive(slot.read))
        error = self.assertRaises(SlotEnded, self.bench.write, slot.write)
        self.assertEqual(error.state, State.EXPIRED)

    def test_expired_legacy_slots_are_unknown(self) -> None:
        slot = self.bench.open(split=False)
        self.bench.pass_time(3600.0)
        self.assertRaises(UnknownSlot, self.bench.read, slot.read)

    def test_written(self) -> None:
        slot = self.bench.open()
        self.bench.pass_time(3000.0)
        self.bench.write(slot.write)
        self.bench.pass_time(299.0)
        self.assertTrue(self.alive(slot.read))
        self.bench.pass_time(1.0)
        self.assertFalse(self.alive(slot.read))

    def test_a_short_life_stays_short_when_written(self) -> None:
        slot = self.bench.open(ttl=10.0)
        self.bench.write(slot.write)
        self.bench.pass_time(10.0)
        self.assertFalse(self.alive(slot.read))

    def test_a_short_life_stays_short_after_a_lease(self) -> None:
        slot = self.bench.open(ttl=10.0)
        self.bench.write(slot.write)
        self.bench.take(slot.read)
        self.bench.pass_time(30.0)
        self.bench.pass_time(10.0)
        self.assertFalse(self.alive(slot.read))

    def test_pre_filled_counts_as_written(self) -> None:
        slot = self.bench.open(data=b"x")
        self.bench.pass_time(300.0)
        self.assertFalse(self.alive(slot.read))

    def test_replacing_starts_it_anew(self) -> None:
        slot = self.bench.open()
        self.bench.write(slot.write)
        self.bench.pass_time(299.0)
        self.bench.write(slot.write, replace=True)
        self.bench.pass_time(299.0)
        self.assertTrue(self.alive(slot.read))

    def test_not_while_somebody_waits(self) -> None:
        slot = self.bench.open(ttl=10.0)
        ear, waiter = self.bench.join(slot.read)
        self.bench.pass_time(1e6)
        self.assertEqual(ear.told, [])
        self.assertIsNone(self.bench.table.state(slot.read, "x").ttl)
        self.bench.table.forget(waiter)
        self.bench.pass_time(9.9)
        self.assertTrue(self.alive(slot.read))
        self.bench.pass_time(0.1)
        self.assertFalse(self.alive(slot.read))

    def test_the_wait_of_one_leaves_the_other(self) -> None:
        slot = self.bench.open(ttl=10.0)
        self.bench.join(slot.read, wait=5.0)
        self.bench.join(slot.read, wait=50.0)
        self.bench.pass_time(49.0)
        self.assertTrue(self.alive(slot.read))
        self.bench.pass_time(1.0)
        self.bench.pass_time(10.0)
        self.assertFalse(self.alive(slot.read))

    def test_a_reader_who_leaves_a_leased_slot_changes_nothing(self) -> None:
        slot = self.bench.open()
        self.bench.write(slot.write)
        self.bench.take(slot.read)
        _, waiter = self.bench.join(slot.read)
        self.bench.table.forget(waiter)
        self.bench.pass_time(30.0)
        self.assertEqual(self.bench.table.state(slot.read, "x").state, State.STORED)

    def test_it_can_be_seen(self) -> None:
        slot = self.bench.open(ttl=100.0)
        self.bench.clock.advance(30.0)
        self.assertEqual(self.bench.table.state(slot.read, "x"), Snapshot(State.OPEN, 0, 70.0))
        self.bench.join(slot.read)
        self.assertEqual(self.bench.table.state(slot.read, "x"), Snapshot(State.OPEN, 1, None))

    def test_the_memory_of_an_end_fades(self) -> None:
        slot = self.bench.open()
        self.bench.table.close(slot.read, Reason.EOF, "x")
        self.assertEqual(
            self.bench.table.state(slot.write, "x"), Snapshot(State.CLOSED, 0, None, "eof")
        )
        self.bench.pass_time(SlotLimits().ttl_ended)
        self.assertRaises(UnknownSlot, self.bench.table.state, slot.write, "x")


class CloseTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()

    def test_who_waits_and_who_comes_later_learn_the_reason(self) -> None:
        for reason in Reason:
            for split in (False, True):
                slot = self.bench.open(split=split)
                ear, _ = self.bench.join(slot.read)
                self.bench.table.close(slot.write, reason, "x")
                later = self.assertRaises(SlotEnded, self.bench.read, slot.read)
                for error in (*ear.told, later):
                    assert isinstance(error, SlotEnded)
                    self.assertEqual((error.state, error.reason), ("closed", reason))

    def test_a_value_goes_with_its_slot(self) -> None:
        slot = self.bench.open()
        self.bench.write(slot.write)
        self.bench.table.close(slot.read, Reason.CANCEL, "x")
        self.assertRaises(SlotEnded, self.bench.read, slot.read)
        self.assertEqual(self.bench.held, (0, 0, 0))

    def test_a_leased_slot(self) -> None:
        slot = self.bench.open()
        self.bench.write(slot.write)
        delivery = self.bench.take(slot.read)
        self.bench.table.close(slot.write, Reason.CANCEL, "x")
        error = self.assertRaises(SlotEnded, self.bench.table.ack, slot.read, delivery.lease, "x")
        self.assertEqual(error.state, State.CLOSED)
        self.bench.table.settle(delivery, lost=True)
        self.assertEqual(len(self.bench.deadlines), 0)

    def test_twice_is_harmless_and_the_first_reason_stays(self) -> None:
        slot = self.bench.open()
        self.bench.table.close(slot.read, Reason.EOF, "x")
        self.bench.table.close(slot.write, Reason.INTERRUPT, "x")
        self.assertEqual(self.bench.table.state(slot.read, "x").reason, "eof")

    def test_what_ended_otherwise_cannot_be_closed(self) -> None:
        slot = self.bench.open(ttl=1.0)
        self.bench.pass_time(1.0)
        self.assertRaises(SlotEnded, self.bench.table.close, slot.read, Reason.EOF, "x")
        self.assertRaises(UnknownSlot, self.bench.table.close, "none", Reason.EOF, "x")


class WatchTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.slot = self.bench.open()
        self.bench.write(self.slot.write)

    def test_told_when_it_arrived(self) -> None:
        ear, _ = self.bench.watch(self.slot.write)
        delivery = self.bench.take(self.slot.read)
        self.bench.table.settle(delivery, lost=False)
        self.assertEqual(ear.told, [])
        self.bench.table.ack(self.slot.read, delivery.lease, "x")
        self.assertEqual(ear.told, [Pending(State.ACKED)])

    def test_not_to_wait(self) -> None:
        seen = self.bench.table.watch(self.slot.write, "x", self.fail, 0)
        self.assertEqual(seen, Pending(State.STORED))

    def test_of_what_has_ended(self) -> None:
        self.bench.table.close(self.slot.write, Reason.EOF, "x")
        seen = self.bench.table.watch(self.slot.write, "x", self.fail, None)
        self.assertEqual(seen, Pending(State.CLOSED))

    def test_of_nothing(self) -> None:
        self.assertRaises(UnknownSlot, self.bench.table.watch, "none", "x", self.fail, None)

    def test_the_wait_is_over(self) -> None:
        ear, _ = self.bench.watch(self.slot.write, wait=5.0)
        self.bench.pass_time(5.0)
        self.assertEqual(ear.told, [Pending(State.STORED)])

    def test_who_left_is_not_told(self) -> None:
        ear, watcher = self.bench.watch(self.slot.write)
        self.bench.table.forget(watcher)
        self.bench.table.close(self.slot.write, Reason.EOF, "x")
        self.assertEqual(ear.told, [])

    def test_other_ends(self) -> None:
        ear, _ = self.bench.watch(self.slot.write)
        self.bench.pass_time(300.0)
        [error] = ear.told
        assert isinstance(error, SlotEnded)
        self.assertEqual(error.state, State.EXPIRED)


class LimitTests(SynchronousTestCase):
    """Over a limit the new is refused, and the old stays as it is."""

    def setUp(self) -> None:
        self.limits = SlotLimits(
            max_slots=3,
            max_slots_per_client=2,
            max_stored=10,
            max_stored_per_client=8,
            max_held=3,
            max_held_per_client=2,
            miss_budget=2,
        )
        self.bench = Bench(self.limits)

    def test_slots(self) -> None:
        table = self.bench.table
        table.open("a")
        table.open("a")
        self.assertRaises(ClientFull, table.open, "a")
        table.open("b")
        self.assertRaises(Full, table.open, "c")
        self.assertEqual(table.opened.used, 3)

    def test_bytes(self) -> None:
        first, second = self.bench.open(), self.bench.open()
        self.bench.write(first.write, b"12345678")
        self.assertRaises(ClientFull, self.bench.write, second.write, b"9")
        self.bench.write(second.write, b"")
        self.assertEqual(self.bench.take(first.read).value.data, b"12345678")
        self.assertEqual(self.bench.take(second.read).value.data, b"")

    def test_a_refused_replacement_leaves_the_old_value(self) -> None:
        slot = self.bench.open()
        self.bench.write(slot.write, b"12345678")
        self.assertRaises(ClientFull, self.bench.write, slot.write, b"123456789", replace=True)
        self.assertEqual(self.bench.held[1], 8)
        self.assertEqual(self.bench.take(slot.read).value.data, b"12345678")

    def test_a_replacement_needs_no_room_beside_the_old_value(self) -> None:
        slot = self.bench.open()
        self.bench.write(slot.write, b"12345678")
        self.bench.write(slot.write, b"87654321", replace=True)
        self.assertEqual(self.bench.held[1], 8)

    def test_a_refused_value_opens_no_slot(self) -> None:
        self.assertRaises(ClientFull, self.bench.open, data=b"123456789")
        self.assertEqual(self.bench.held, (0, 0, 0))
        self.assertEqual(self.bench.table._registry.all(), set())

    def test_waiting(self) -> None:
        slot = self.bench.open()
        ears = [self.bench.join(slot.read)[0] for _ in range(2)]
        self.assertRaises(ClientFull, self.bench.read, slot.read)
        self.bench.watch(slot.write)
        self.assertRaises(Full, self.bench.table.watch, slot.write, "other", self.fail, None)
        self.bench.write(slot.write)
        self.assertEqual(ears[0].delivery.value.data, b"value")

    def test_an_unwaited_read_needs_no_room(self) -> None:
        slot = self.bench.open()
        self.bench.table.holding.take("else", 2)
        self.bench.table.holding.take("more")
        self.assertEqual(self.bench.read(slot.read, wait=0), Pending(State.OPEN))

    def test_misses(self) -> None:
        for _ in range(2):
            self.assertRaises(UnknownSlot, self.bench.read, "guess")
        self.assertRaises(TooManyMisses, self.bench.read, "guess")
        slot = self.bench.open()
        self.assertEqual(self.bench.read(slot.read, wait=0), Pending(State.OPEN))

    def test_every_end_gives_everything_back(self) -> None:
        """However a slot ends, with everybody waiting on it who can."""
        bench = Bench(replace(self.limits, max_held=10, max_held_per_client=10))

        def acked(read: str, _: str) -> None:
            bench.table.ack(read, bench.take(read).lease, "x")

        def expired(_: str, __: str) -> None:
            bench.pass_time(1e6)

        def closed(_: str, write: str) -> None:
            bench.table.close(write, Reason.EOF, "x")

        def arrived(read: str, _: str) -> None:
            bench.table.settle(bench.take(read), lost=False)

        def unheard(read: str, _: str) -> None:
            bench.take(read)
            bench.pass_time(self.limits.grace)

        def lost(read: str, _: str) -> None:
            bench.table.settle(bench.take(read), lost=True)
            bench.pass_time(1e6)

        def leased(read: str, write: str) -> None:
            bench.take(read)
            closed(read, write)

        def stopped(_: str, __: str) -> None:
            bench.table.end_all()

        ends: list[tuple[bool, Callable[[str, str], None]]] = [
            *((True, end) for end in (acked, expired, closed, lost, leased, stopped)),
            *((False, end) for end in (arrived, unheard, expired, closed, lost, stopped)),
        ]
        for split, end in ends:
            slot = bench.open(split=split)
            bench.write(slot.write, b"12345678")
            ear, _ = bench.watch(slot.write, wait=1e5)
            end(slot.read, slot.write)
            self.assertEqual(bench.held, (0, 0, 0), end)
            self.assertEqual(len(bench.deadlines), 0, end)
            self.assertEqual(len(ear.told), 1, end)


class EndAllTests(SynchronousTestCase):
    def test_everybody_is_told(self) -> None:
        bench = Bench()
        reading, written, leased = bench.open(), bench.open(split=False), bench.open()
        reader, _ = bench.join(reading.read)
        bench.write(written.write)
        watcher, _ = bench.watch(written.write, wait=9.0)
        bench.write(leased.write)
        delivery = bench.take(leased.read)
        bench.table.end_all()
        for ear in (reader, watcher):
            [error] = ear.told
            self.assertIsInstance(error, ShuttingDown)
        self.assertEqual((bench.held, len(bench.deadlines)), ((0, 0, 0), 0))
        bench.table.settle(delivery, lost=True)
        bench.table.end_all()

    def test_who_is_told_may_end_others(self) -> None:
        bench = Bench()
        slots = [bench.open(split=False), bench.open(split=False)]
        for slot, other in (slots, slots[::-1]):
            # Whichever is told first, the other has ended by then.
            def tell(_: Outcome, other: Opened = other) -> None:
                with contextlib.suppress(SlotEnded):
                    bench.table.close(other.read, Reason.EOF, "x")

            bench.table.read(slot.read, "reader", tell)
        bench.table.end_all()
        self.assertEqual(bench.held, (0, 0, 0))
