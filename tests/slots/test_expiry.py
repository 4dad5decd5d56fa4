"""Tests of `hangerd.slots.expiry`."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.deadlines import Deadlines
from hangerd.slots.expiry import Expiry
from hangerd.slots.limits import SlotLimits
from hangerd.slots.slot import Opened, Slot, State


class ExpiryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.deadlines = Deadlines()
        self.expired: list[Slot] = []
        limits = SlotLimits(ttl_written=5.0)
        self.expiry = Expiry(self.clock.seconds, self.deadlines, limits, self.expired.append)
        self.slot = Slot(Opened("a", "a", 10.0), "client")

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        for call in self.deadlines.due(self.clock.seconds()):
            call()

    def test_an_open_slot(self) -> None:
        self.expiry.expect(self.slot)
        self.pass_time(9.0)
        self.assertEqual((self.expired, self.expiry.left(self.slot)), ([], 1.0))
        self.pass_time(1.0)
        self.assertEqual(self.expired, [self.slot])

    def test_a_written_slot_has_the_shorter_time(self) -> None:
        self.slot.state = State.STORED
        self.expiry.expect(self.slot)
        self.assertEqual(self.expiry.left(self.slot), 5.0)
        self.slot.ttl = 3.0
        self.expiry.expect(self.slot)
        self.assertEqual(self.expiry.left(self.slot), 3.0)

    def test_a_new_end_takes_the_place_of_the_old(self) -> None:
        called: list[str] = []
        self.expiry.expect(self.slot, 1.0)
        self.expiry.call_after(self.slot, 2.0, lambda: called.append("x"))
        self.assertEqual(len(self.deadlines), 1)
        self.pass_time(3.0)
        self.assertEqual((self.expired, called), ([], ["x"]))

    def test_cancelled(self) -> None:
        self.expiry.expect(self.slot)
        for _ in range(2):
            self.expiry.cancel(self.slot)
            self.assertIsNone(self.expiry.left(self.slot))
        self.pass_time(20.0)
        self.assertEqual(self.expired, [])
