"""Tests of `hangerd.slots.registry`."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.slots.errors import SlotEnded, TooManyMisses, UnknownSlot, WrongToken
from hangerd.slots.limits import SlotLimits
from hangerd.slots.registry import Registry
from hangerd.slots.slot import Delivery, Opened, Slot, State, Value


class RegistryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.registry = Registry(self.clock.seconds, SlotLimits(miss_budget=2, miss_refill=1.0))
        self.split = Slot(Opened("r", "w", 10.0), "client")
        self.legacy = Slot(Opened("t", "t", 10.0), "client")
        self.registry.add(self.split)
        self.registry.add(self.legacy)

    def test_finds_by_role(self) -> None:
        self.assertIs(self.registry.find("r", "me", "read"), self.split)
        self.assertIs(self.registry.find("w", "me", "write"), self.split)
        self.assertIs(self.registry.find("r", "me"), self.split)
        self.assertIs(self.registry.find("w", "me"), self.split)
        self.assertIs(self.registry.live("w"), self.split)

    def test_one_token_has_both_roles(self) -> None:
        self.assertIs(self.registry.find("t", "me", "read"), self.legacy)
        self.assertIs(self.registry.find("t", "me", "write"), self.legacy)

    def test_the_other_role_is_refused(self) -> None:
        for token, role in (("w", "read"), ("r", "write")):
            error = self.assertRaises(WrongToken, self.registry.find, token, "me", role)
            self.assertIn(role, error.remedy)

    def test_a_wrong_role_is_no_miss(self) -> None:
        for _ in range(10):
            self.assertRaises(WrongToken, self.registry.find, "w", "me", "read")

    def test_misses_spend_the_clients_budget(self) -> None:
        for _ in range(2):
            self.assertRaises(UnknownSlot, self.registry.find, "x", "me")
        self.assertRaises(TooManyMisses, self.registry.find, "x", "me")
        self.assertRaises(UnknownSlot, self.registry.find, "x", "other")
        self.assertIs(self.registry.find("r", "me"), self.split)
        self.clock.advance(1.0)
        self.assertRaises(UnknownSlot, self.registry.find, "x", "me")

    def test_a_legacy_value_on_its_way_leaves_no_slot(self) -> None:
        self.legacy.delivery = Delivery(self.legacy, Value(b""), "", 10.0)
        self.assertRaises(UnknownSlot, self.registry.find, "t", "me")

    def test_a_leased_slot_is_there(self) -> None:
        self.split.delivery = Delivery(self.split, Value(b""), "lease", 10.0)
        self.assertIs(self.registry.find("r", "me"), self.split)

    def test_an_ended_slot_is_remembered(self) -> None:
        self.registry.remove(self.split, State.EXPIRED, "expired")
        error = self.assertRaises(SlotEnded, self.registry.find, "r", "me", "read")
        self.assertEqual((error.state, error.reason), ("expired", "expired"))
        self.assertRaises(WrongToken, self.registry.find, "w", "me", "read")
        self.assertIsNone(self.registry.live("r"))
        self.assertIsNotNone(self.registry.ended("w"))

    def test_an_ended_slot_is_forgotten(self) -> None:
        self.registry.remove(self.split, State.EXPIRED, "expired")
        self.clock.advance(SlotLimits().ttl_ended)
        self.assertRaises(UnknownSlot, self.registry.find, "r", "me")

    def test_a_legacy_slot_that_was_used_up_is_unknown_at_once(self) -> None:
        self.registry.remove(self.legacy, State.ACKED, "acked")
        self.assertRaises(UnknownSlot, self.registry.find, "t", "me")
        self.assertIsNone(self.registry.ended("t"))

    def test_a_closed_legacy_slot_is_remembered(self) -> None:
        self.registry.remove(self.legacy, State.CLOSED, "eof")
        self.assertRaises(SlotEnded, self.registry.find, "t", "me")

    def test_all(self) -> None:
        self.assertEqual(self.registry.all(), {self.split, self.legacy})
        self.registry.remove(self.split, State.CLOSED, "eof")
        self.assertEqual(self.registry.all(), {self.legacy})
