"""Tests of `hangerd.slots.shelf`: what it counts; the table's tests show what it holds."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.slots.errors import Full
from hangerd.slots.limits import SlotLimits
from hangerd.slots.shelf import Shelf
from hangerd.slots.slot import Opened, Slot, Value


class CountTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.shelf = Shelf(SlotLimits(max_stored=10))
        self.slot = Slot(Opened("r", "w", 10.0), "opener")

    def counted(self) -> tuple[int, int, int]:
        return self.shelf.values, self.shelf.writes, self.shelf.bytes.used

    def test_values_and_writes(self) -> None:
        self.shelf.put(self.slot, Value(b"12345"), "a")
        self.assertEqual(self.counted(), (1, 1, 5))
        self.shelf.put(self.slot, Value(b""), "a")
        self.assertEqual(self.counted(), (1, 2, 0))
        for _ in range(2):
            self.shelf.clear(self.slot)
            self.assertEqual(self.counted(), (0, 2, 0))

    def test_a_value_that_there_is_no_room_for_is_no_write(self) -> None:
        self.shelf.put(self.slot, Value(b"12345"), "a")
        self.assertRaises(Full, self.shelf.put, self.slot, Value(b"x" * 11), "b")
        self.assertEqual(self.counted(), (1, 1, 5))
        self.assertEqual((self.slot.value, self.slot.payer), (Value(b"12345"), "a"))
        other = Slot(Opened("r2", "w2", 10.0), "opener")
        self.assertRaises(Full, self.shelf.put, other, Value(b"x" * 6), "b")
        self.assertEqual(self.counted(), (1, 1, 5))
