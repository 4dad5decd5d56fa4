"""Tests of `hangerd.slots.table`: reading, writing, leases and races."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.slots.errors import (
    AlreadyWritten,
    LeaseEnded,
    SlotEnded,
    TooManyReaders,
    UnknownSlot,
    WrongToken,
)
from hangerd.slots.limits import SlotLimits
from hangerd.slots.slot import Delivery, Pending, State, Value
from tests.slots.drive import Bench, Ear


class OpenTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()

    def test_legacy_has_one_token(self) -> None:
        opened = self.bench.open(split=False)
        self.assertEqual(opened.read, opened.write)
        self.assertTrue(self.bench.table.legacy(opened.read))

    def test_split_has_two(self) -> None:
        opened = self.bench.open()
        self.assertNotEqual(opened.read, opened.write)
        self.assertFalse(self.bench.table.legacy(opened.read))
        self.assertFalse(self.bench.table.legacy("none such"))

    def test_says_how_long_it_lives(self) -> None:
        self.assertEqual(self.bench.open().ttl, 3600.0)
        self.assertEqual(self.bench.open(ttl=7.5).ttl, 7.5)
        self.assertEqual(self.bench.open(ttl=1e9).ttl, 21600.0)

    def test_pre_filled(self) -> None:
        for split in (False, True):
            opened = self.bench.open(split=split, data=b"\x00given")
            self.assertEqual(self.bench.take(opened.read).value, Value(b"\x00given"))


class WriteAndReadTests(SynchronousTestCase):
    """What holds in both protocols; `SplitTests` and `LegacyTests` say where they differ."""

    def setUp(self) -> None:
        self.bench = Bench()

    def test_write_then_read(self) -> None:
        for split in (False, True):
            opened = self.bench.open(split=split)
            self.assertEqual(self.bench.write(opened.write), State.STORED)
            self.assertEqual(self.bench.take(opened.read).value.data, b"value")

    def test_read_then_write(self) -> None:
        for split in (False, True):
            opened = self.bench.open(split=split)
            ear, _ = self.bench.join(opened.read)
            self.assertEqual(self.bench.write(opened.write), State.LEASED)
            self.assertEqual(ear.delivery.value.data, b"value")

    def test_exact_bytes_and_type(self) -> None:
        for data in (b"", bytes(range(256)), b"\r\n", b"x" * 2**20):
            opened = self.bench.open()
            self.bench.table.write(opened.write, Value(data, "image/png"), "w")
            self.assertEqual(self.bench.take(opened.read).value, Value(data, "image/png"))

    def test_not_to_wait(self) -> None:
        opened = self.bench.open()
        self.assertEqual(self.bench.read(opened.read, wait=0), Pending(State.OPEN))
        self.assertEqual(self.bench.held, (1, 0, 0))

    def test_the_wait_is_over(self) -> None:
        opened = self.bench.open()
        ear, _ = self.bench.join(opened.read, wait=25.0)
        self.bench.pass_time(25.0)
        self.assertEqual(ear.told, [Pending(State.OPEN)])
        self.bench.write(opened.write)
        self.assertEqual(len(ear.told), 1)
        self.assertEqual(self.bench.take(opened.read).value.data, b"value")

    def test_first_come_first_served(self) -> None:
        for split in (False, True):
            opened = self.bench.open(split=split)
            ears = [self.bench.join(opened.read)[0] for _ in range(3)]
            self.bench.write(opened.write)
            self.assertEqual([len(ear.told) for ear in ears], [1, 0, 0])
            self.bench.table.settle(ears[0].delivery, lost=True)
            self.assertEqual([len(ear.told) for ear in ears], [1, 1, 0])
            self.assertEqual(ears[1].delivery.value.data, b"value")

    def test_who_left_is_not_served(self) -> None:
        opened = self.bench.open()
        (first, waiter), (second, _) = self.bench.join(opened.read), self.bench.join(opened.read)
        self.bench.table.forget(waiter)
        self.bench.write(opened.write)
        self.assertEqual((first.told, len(second.told)), ([], 1))
        self.bench.table.forget(waiter)

    def test_second_write_is_refused(self) -> None:
        for split in (False, True):
            opened = self.bench.open(split=split)
            self.bench.write(opened.write, b"first")
            error = self.assertRaises(AlreadyWritten, self.bench.write, opened.write, b"second")
            self.assertIn("replace", error.remedy)
            self.assertEqual(self.bench.take(opened.read).value.data, b"first")

    def test_replace(self) -> None:
        for split in (False, True):
            opened = self.bench.open(split=split)
            self.bench.write(opened.write, b"first")
            self.bench.write(opened.write, b"2nd", replace=True)
            self.assertEqual(self.bench.held[1], 3)
            self.assertEqual(self.bench.take(opened.read).value.data, b"2nd")
            self.bench.table.end_all()

    def test_more_readers_than_may(self) -> None:
        opened, most = self.bench.open(), SlotLimits().max_readers_per_slot
        for _ in range(most):
            self.bench.join(opened.read)
        self.assertRaises(TooManyReaders, self.bench.read, opened.read)
        self.assertEqual(self.bench.held, (1, 0, most))


class SplitTests(SynchronousTestCase):
    """Version 2: a value is used up only when its reader says so."""

    def setUp(self) -> None:
        self.bench = Bench()
        self.slot = self.bench.open()

    def deliver(self) -> Delivery:
        self.bench.write(self.slot.write)
        return self.bench.take(self.slot.read)

    def test_tokens_have_roles(self) -> None:
        table, slot = self.bench.table, self.slot
        self.assertRaises(WrongToken, self.bench.read, slot.write)
        self.assertRaises(WrongToken, self.bench.write, slot.read)
        delivery = self.deliver()
        self.assertRaises(WrongToken, table.ack, slot.write, delivery.lease, "x")
        table.ack(slot.read, delivery.lease, "x")
        self.assertRaises(WrongToken, table.ack, slot.write, delivery.lease, "x")

    def test_both_tokens_close_and_look(self) -> None:
        for token in (self.slot.read, self.slot.write):
            self.assertEqual(self.bench.table.state(token, "x").state, State.OPEN)
        for pick in ("read", "write"):
            slot = self.bench.open()
            self.bench.table.close(getattr(slot, pick), "cancel", "x")  # type: ignore[arg-type]
            self.assertEqual(self.bench.table.state(slot.read, "x").state, State.CLOSED)

    def test_lease(self) -> None:
        delivery = self.deliver()
        self.assertEqual(delivery.seconds, 30.0)
        self.assertTrue(delivery.lease)
        self.assertEqual(self.bench.read(self.slot.read, wait=0), Pending(State.LEASED))

    def test_one_reader_a_value(self) -> None:
        self.deliver()
        ear, _ = self.bench.join(self.slot.read)
        self.bench.pass_time(29.9)
        self.assertEqual(ear.told, [])

    def test_a_lease_that_ran_out_is_readable_again(self) -> None:
        first = self.deliver()
        self.bench.pass_time(30.0)
        self.assertEqual(self.bench.table.state(self.slot.read, "x").state, State.STORED)
        again = self.bench.take(self.slot.read)
        self.assertIs(again.value, first.value)
        self.assertNotEqual(again.lease, first.lease)
        self.assertRaises(LeaseEnded, self.bench.table.ack, self.slot.read, first.lease, "x")
        self.bench.table.ack(self.slot.read, again.lease, "x")

    def test_a_late_word_counts_until_somebody_else_reads(self) -> None:
        for lapses in (lambda d: self.bench.pass_time(30.0), self.lose):
            self.slot = self.bench.open()
            delivery = self.deliver()
            lapses(delivery)
            self.bench.table.ack(self.slot.read, delivery.lease, "x")
            self.assertEqual(self.bench.table.state(self.slot.read, "x").state, State.ACKED)

    def lose(self, delivery: Delivery) -> None:
        self.bench.table.settle(delivery, lost=True)

    def test_no_old_lease_is_good_for_a_new_value(self) -> None:
        first = self.deliver()
        self.lose(first)
        self.bench.write(self.slot.write, b"new", replace=True)
        self.assertRaises(LeaseEnded, self.bench.table.ack, self.slot.read, first.lease, "x")

    def test_a_lease_that_ran_out_serves_who_waits(self) -> None:
        self.deliver()
        ear, _ = self.bench.join(self.slot.read)
        self.bench.pass_time(30.0)
        self.assertEqual(ear.delivery.value.data, b"value")

    def test_a_lost_delivery_is_there_again_at_once(self) -> None:
        delivery = self.deliver()
        self.bench.table.settle(delivery, lost=True)
        self.assertEqual(self.bench.take(self.slot.read).value, delivery.value)

    def test_an_arrived_delivery_still_wants_its_ack(self) -> None:
        self.bench.table.settle(self.deliver(), lost=False)
        self.bench.pass_time(30.0)
        self.assertEqual(self.bench.take(self.slot.read).value.data, b"value")

    def test_settling_twice_is_harmless(self) -> None:
        first = self.deliver()
        self.bench.table.settle(first, lost=True)
        second = self.bench.take(self.slot.read)
        self.bench.table.settle(first, lost=True)
        self.bench.table.ack(self.slot.read, second.lease, "x")
        self.bench.table.settle(second, lost=True)
        self.assertEqual(self.bench.held, (0, 0, 0))

    def test_the_same_reader_may_ask_again(self) -> None:
        """And what happens to his first connection is of no concern from then on."""
        first = self.deliver()
        self.bench.pass_time(20.0)
        again = self.bench.read(self.slot.read, lease=first.lease)
        assert isinstance(again, Delivery)
        self.assertEqual((again.lease, again.seconds), (first.lease, 30.0))
        self.assertIs(again.value, first.value)
        self.bench.table.settle(first, lost=True)
        self.bench.pass_time(29.0)
        self.assertEqual(self.bench.read(self.slot.read, wait=0), Pending(State.LEASED))
        self.bench.table.ack(self.slot.read, first.lease, "x")

    def test_a_lease_renewed_still_runs_out(self) -> None:
        first = self.deliver()
        self.bench.pass_time(20.0)
        self.bench.read(self.slot.read, lease=first.lease)
        self.bench.pass_time(30.0)
        self.assertNotEqual(self.bench.take(self.slot.read).lease, first.lease)

    def test_asking_with_a_wrong_lease_is_asking_without(self) -> None:
        self.deliver()
        self.assertEqual(
            self.bench.read(self.slot.read, lease="wrong", wait=0), Pending(State.LEASED)
        )

    def test_write_while_leased(self) -> None:
        self.deliver()
        for replace in (False, True):
            error = self.assertRaises(
                AlreadyWritten, self.bench.write, self.slot.write, replace=replace
            )
            self.assertNotIn("replace", error.remedy)

    def test_ack_ends_the_slot(self) -> None:
        delivery = self.deliver()
        self.bench.table.ack(self.slot.read, delivery.lease, "x")
        self.assertEqual(self.bench.held, (0, 0, 0))
        self.assertEqual(self.bench.table.state(self.slot.write, "x").state, State.ACKED)
        for call, token in ((self.bench.read, "read"), (self.bench.write, "write")):
            error = self.assertRaises(SlotEnded, call, getattr(self.slot, token))
            self.assertEqual((error.state, error.reason), ("acked", "acked"))

    def test_ack_twice_is_harmless(self) -> None:
        delivery = self.deliver()
        for _ in range(3):
            self.bench.table.ack(self.slot.read, delivery.lease, "x")
        self.assertRaises(SlotEnded, self.bench.table.ack, self.slot.read, "another", "x")

    def test_ack_of_nothing(self) -> None:
        self.assertRaises(LeaseEnded, self.bench.table.ack, self.slot.read, "lease", "x")
        self.deliver()
        self.assertRaises(LeaseEnded, self.bench.table.ack, self.slot.read, "lease", "x")
        self.assertRaises(UnknownSlot, self.bench.table.ack, "none", "lease", "x")

    def test_ack_tells_other_readers(self) -> None:
        delivery = self.deliver()
        ear, _ = self.bench.join(self.slot.read)
        self.bench.table.ack(self.slot.read, delivery.lease, "x")
        [error] = ear.told
        assert isinstance(error, SlotEnded)
        self.assertEqual(error.state, State.ACKED)


class LegacyTests(SynchronousTestCase):
    """Reading uses a value up, unless its connection is lost."""

    def setUp(self) -> None:
        self.bench = Bench()
        self.token = self.bench.open(split=False).read

    def deliver(self) -> Delivery:
        self.bench.write(self.token)
        return self.bench.take(self.token)

    def test_no_lease(self) -> None:
        self.assertEqual(self.deliver().lease, "")

    def test_a_value_on_its_way_is_nobodys(self) -> None:
        self.deliver()
        self.assertRaises(UnknownSlot, self.bench.write, self.token)
        self.assertRaises(UnknownSlot, self.bench.table.state, self.token, "x")
        self.assertRaises(UnknownSlot, self.bench.table.close, self.token, "eof", "x")
        self.assertRaises(UnknownSlot, self.bench.table.ack, self.token, "", "x")

    def test_a_second_read_waits_out_the_doubt(self) -> None:
        self.deliver()
        ear, _ = self.bench.join(self.token)
        self.bench.pass_time(0.24)
        self.assertEqual(ear.told, [])
        self.bench.pass_time(0.01)
        [outcome] = ear.told
        self.assertIsInstance(outcome, UnknownSlot)

    def test_a_second_read_in_doubt_has_what_the_first_lost(self) -> None:
        delivery = self.deliver()
        ear, _ = self.bench.join(self.token)
        self.bench.table.settle(delivery, lost=True)
        self.assertEqual(ear.delivery.value, delivery.value)

    def test_used_up_when_it_arrived(self) -> None:
        self.bench.table.settle(self.deliver(), lost=False)
        self.assertEqual(self.bench.held, (0, 0, 0))
        self.assertRaises(UnknownSlot, self.bench.read, self.token)
        self.assertRaises(UnknownSlot, self.bench.write, self.token)

    def test_used_up_when_nothing_is_heard(self) -> None:
        self.deliver()
        self.bench.pass_time(9.9)
        self.assertEqual(self.bench.held, (1, 5, 0))
        self.bench.pass_time(0.1)
        self.assertEqual(self.bench.held, (0, 0, 0))

    def test_a_lost_value_is_there_again_for_a_grace_time(self) -> None:
        self.bench.table.settle(self.deliver(), lost=True)
        self.bench.pass_time(9.9)
        again = self.bench.take(self.token)
        self.assertEqual(again.value.data, b"value")
        self.bench.table.settle(again, lost=True)
        self.bench.pass_time(10.0)
        self.assertRaises(UnknownSlot, self.bench.read, self.token)
        self.assertEqual(self.bench.held, (0, 0, 0))

    def test_who_waits_behind_an_arrived_value_is_told(self) -> None:
        (first, _), (second, _) = self.bench.join(self.token), self.bench.join(self.token)
        self.bench.write(self.token)
        self.bench.table.settle(first.delivery, lost=False)
        [error] = second.told
        self.assertIsInstance(error, UnknownSlot)
        self.assertEqual(self.bench.held, (0, 0, 0))

    def test_a_watcher_learns_that_it_arrived(self) -> None:
        self.bench.write(self.token)
        ear, _ = self.bench.watch(self.token)
        self.bench.table.settle(self.bench.take(self.token), lost=False)
        self.assertEqual(ear.told, [Pending(State.ACKED)])


class ReentryTests(SynchronousTestCase):
    def test_who_is_told_may_use_the_table_at_once(self) -> None:
        """A reader who acknowledges while he is told ends the slot that is being written."""
        bench = Bench()
        slot = bench.open()

        class Eager(Ear):
            def __call__(self, outcome: object) -> None:
                assert isinstance(outcome, Delivery)
                bench.table.ack(slot.read, outcome.lease, "reader")

        bench.read(slot.read, Eager())
        self.assertEqual(bench.write(slot.write), State.ACKED)
        self.assertEqual(bench.held, (0, 0, 0))
        self.assertEqual(len(bench.deadlines), 0)
