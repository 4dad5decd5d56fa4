"""Tests of `hangerd.slots.service`: the table with Deferreds and a clock that runs."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.idle import Use
from hangerd.slots.errors import ClientFull, ShuttingDown, SlotEnded, UnknownSlot
from hangerd.slots.limits import SlotLimits
from hangerd.slots.service import Counts, SlotsService
from hangerd.slots.slot import Delivery, Pending, Reason, State, Value
from hangerd.slots.tokens import Tokens


class ServiceTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        limits = SlotLimits(max_held=10, max_held_per_client=4)
        self.slots = SlotsService(self.clock, Tokens(), limits)
        self.slots.startService()
        self.slot = self.slots.open("c", split=True)

    def write(self, data: bytes = b"value") -> State:
        return self.slots.write(self.slot.write, Value(data), "c")

    def read(self, wait: float | None = None) -> Deferred[Delivery | Pending]:
        return self.slots.read(self.slot.read, "c", wait=wait)

    def delivered(self, found: Deferred[Delivery | Pending]) -> Delivery:
        delivery = self.successResultOf(found)
        assert isinstance(delivery, Delivery)
        return delivery

    def alarms(self) -> list[float]:
        return sorted(call.getTime() for call in self.clock.getDelayedCalls())


class WaitTests(ServiceTestCase):
    def test_a_read_fires_on_write(self) -> None:
        found = self.read()
        self.assertNoResult(found)
        self.assertEqual(self.write(), State.LEASED)
        self.assertEqual(self.delivered(found).value.data, b"value")

    def test_a_read_of_what_is_there(self) -> None:
        self.write()
        self.assertEqual(self.delivered(self.read()).value.data, b"value")

    def test_a_read_that_does_not_wait(self) -> None:
        self.assertEqual(self.successResultOf(self.read(0)), Pending(State.OPEN))

    def test_the_wait_is_over(self) -> None:
        found = self.read(25.0)
        self.clock.advance(25.0)
        self.assertEqual(self.successResultOf(found), Pending(State.OPEN))

    def test_close_fails_a_read(self) -> None:
        found = self.read()
        self.slots.close(self.slot.write, Reason.EOF, "c")
        self.assertEqual(self.failureResultOf(found, SlotEnded).value.reason, "eof")

    def test_the_same_lease_again(self) -> None:
        self.write()
        lease = self.delivered(self.read()).lease
        again = self.slots.read(self.slot.read, "c", lease=lease)
        self.assertEqual(self.delivered(again).lease, lease)

    def test_a_watch_fires_on_ack(self) -> None:
        self.write()
        watched = self.slots.watch(self.slot.write, "c", None)
        lease = self.delivered(self.read()).lease
        self.assertNoResult(watched)
        self.slots.ack(self.slot.read, lease, "c")
        self.assertEqual(self.successResultOf(watched), Pending(State.ACKED))
        self.assertEqual(self.slots.state(self.slot.read, "c").state, State.ACKED)

    def test_what_the_table_refuses_is_raised(self) -> None:
        self.assertRaises(UnknownSlot, self.slots.read, "none", "c")
        self.assertRaises(UnknownSlot, self.slots.watch, "none", "c", None)

    def test_legacy(self) -> None:
        self.assertFalse(self.slots.legacy(self.slot.read))
        self.assertTrue(self.slots.legacy(self.slots.open("c").read))


class CancelTests(ServiceTestCase):
    def test_a_cancelled_read_is_forgotten(self) -> None:
        found, next_one = self.read(), self.read()
        found.cancel()
        self.failureResultOf(found, CancelledError)
        self.assertEqual(self.slots.counts(), Counts(1, 0, 1, 0, 0, 0, self.clock.seconds()))
        self.write()
        self.delivered(next_one)

    def test_a_cancelled_watch_is_forgotten(self) -> None:
        watched = self.slots.watch(self.slot.write, "c", 5.0)
        watched.cancel()
        self.failureResultOf(watched, CancelledError)
        self.assertEqual(self.slots.counts().waiting, 0)

    def test_cancelling_what_has_fired_changes_nothing(self) -> None:
        found, next_one = self.read(), self.read()
        self.write()
        found.cancel()
        self.delivered(found)
        self.assertNoResult(next_one)
        next_one.cancel()
        self.failureResultOf(next_one, CancelledError)

    def test_the_last_reader_leaves_and_the_slot_expires(self) -> None:
        found = self.read()
        self.clock.advance(5000.0)
        found.cancel()
        self.failureResultOf(found, CancelledError)
        self.clock.advance(3600.0)
        self.assertEqual(self.slots.state(self.slot.read, "c").state, State.EXPIRED)


class AlarmTests(ServiceTestCase):
    def test_one_alarm_for_all(self) -> None:
        for number in range(100):
            self.slots.open(str(number))
        self.assertEqual(self.alarms(), [3600.0])

    def test_the_earliest_counts(self) -> None:
        self.read(25.0)
        self.assertEqual(self.alarms(), [25.0])
        self.slots.open("c", ttl=3.0)
        self.assertEqual(self.alarms(), [3.0])

    def test_rings_for_each_in_turn(self) -> None:
        first, second = self.read(10.0), self.read(20.0)
        self.clock.advance(10.0)
        self.successResultOf(first)
        self.assertNoResult(second)
        self.assertEqual(self.alarms(), [20.0])
        self.clock.advance(10.0)
        self.successResultOf(second)

    def test_a_late_bell_serves_all_that_is_due(self) -> None:
        found = [self.read(seconds) for seconds in (1.0, 2.0, 3.0)]
        self.clock.advance(1000.0)
        for one in found:
            self.successResultOf(one)

    def test_leases_run_out(self) -> None:
        self.write()
        delivery = self.delivered(self.read())
        waiting = self.read()
        self.slots.settle(delivery, lost=False)
        self.clock.advance(30.0)
        self.assertEqual(self.delivered(waiting).value, delivery.value)

    def test_a_lost_delivery_goes_to_the_next(self) -> None:
        self.write()
        delivery = self.delivered(self.read())
        waiting = self.read()
        self.slots.settle(delivery, lost=True)
        self.assertEqual(self.delivered(waiting).value, delivery.value)

    def test_nothing_is_left_when_nothing_is_there(self) -> None:
        self.slots.close(self.slot.read, Reason.EOF, "c")
        self.clock.advance(1e6)
        self.assertEqual(self.alarms(), [])


class SleepTests(ServiceTestCase):
    def test_sleeps(self) -> None:
        slept = self.slots.sleep(4.0, "c")
        self.assertEqual(self.slots.counts().waiting, 1)
        self.clock.advance(3.9)
        self.assertNoResult(slept)
        self.clock.advance(0.1)
        self.assertIsNone(self.successResultOf(slept))
        self.assertEqual(self.slots.counts().waiting, 0)

    def test_cancel_gives_back(self) -> None:
        slept = self.slots.sleep(4.0, "c")
        before = len(self.alarms())
        slept.cancel()
        self.failureResultOf(slept, CancelledError)
        self.assertEqual((self.slots.counts().waiting, len(self.alarms())), (0, before - 1))

    def test_sleepers_count_with_readers(self) -> None:
        for _ in range(2):
            self.slots.sleep(4.0, "c")
            self.read()
        self.assertRaises(ClientFull, self.slots.sleep, 4.0, "c")
        self.assertRaises(ClientFull, self.read)


class StopTests(ServiceTestCase):
    def test_everybody_who_waits_is_told(self) -> None:
        self.write()
        watched = self.slots.watch(self.slot.write, "c", 5.0)
        legacy = self.slots.read(self.slots.open("c").read, "c")
        slept: Deferred[Any] = self.slots.sleep(4.0, "c")
        self.slots.stopService()
        for waiting in (watched, legacy, slept):
            self.failureResultOf(waiting, ShuttingDown)
        self.assertEqual(self.slots.counts(), Counts(0, 0, 0, 0, 1, 0, None))
        self.assertEqual(self.alarms(), [])

    def test_refuses_everything_afterwards(self) -> None:
        self.slots.stopService()
        slots, token = self.slots, self.slot.read
        for call in (
            lambda: slots.open("c"),
            lambda: slots.write(token, Value(b""), "c"),
            lambda: slots.read(token, "c"),
            lambda: slots.watch(token, "c", None),
            lambda: slots.ack(token, "lease", "c"),
            lambda: slots.close(token, Reason.EOF, "c"),
            lambda: slots.state(token, "c"),
            lambda: slots.sleep(1.0, "c"),
        ):
            self.assertRaises(ShuttingDown, call)

    def test_a_delivery_on_its_way_may_settle_late(self) -> None:
        self.write()
        delivery = self.delivered(self.read())
        self.slots.stopService()
        self.slots.settle(delivery, lost=True)
        self.assertEqual(self.alarms(), [])

    def test_with_nothing_to_end(self) -> None:
        slots = SlotsService(self.clock, Tokens(), SlotLimits())
        slots.startService()
        slots.stopService()
        self.assertEqual(slots.counts().slots, 0)

    def test_may_start_again(self) -> None:
        self.slots.stopService()
        self.slots.startService()
        self.slots.open("c")
        self.assertEqual(self.slots.counts().slots, 1)


class SeenTests(ServiceTestCase):
    """What others are told of the slots."""

    def test_how_long_a_reader_took_to_have_its_value(self) -> None:
        found = self.read()
        self.write()
        self.clock.advance(0.5)
        delivery = self.delivered(found)
        for _ in range(2):
            self.slots.settle(delivery, lost=False)
        self.assertEqual(self.slots.wakes.count, 1)

    def test_use(self) -> None:
        self.assertEqual(self.slots.use(), Use(1, 1))
        self.read()
        self.assertEqual(self.slots.use(), Use(2, 1))

    def test_refusals(self) -> None:
        self.assertRaises(UnknownSlot, self.slots.read, "none", "c")
        self.assertEqual(
            self.slots.refusals(),
            {"slots": 0, "stored bytes": 0, "waiting requests": 0, "misses": 0},
        )

    def test_an_alarm_is_not_put_off(self) -> None:
        found = self.read(25.0)
        at = self.alarms()
        self.write()
        self.assertEqual(self.alarms(), at)
        self.clock.advance(25.0)
        self.assertGreater(self.alarms(), at)
        self.delivered(found)
