"""Tests of `hangerd.slots.graveyard`."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.slots.graveyard import Graveyard
from hangerd.slots.slot import Opened, Slot, State


def slot(read: str, write: str) -> Slot:
    return Slot(Opened(read, write, 10.0), "client")


class GraveyardTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.graveyard = Graveyard(self.clock.seconds, size=3, ttl=60.0)

    def test_found_by_both_tokens(self) -> None:
        self.graveyard.bury(slot("r", "w"), State.CLOSED, "eof")
        for token in "rw":
            ended = self.graveyard.find(token)
            assert ended is not None
            self.assertEqual((ended.state, ended.reason, ended.lease), (State.CLOSED, "eof", ""))
        self.assertIsNone(self.graveyard.find("other"))

    def test_remembers_the_lease(self) -> None:
        leased = slot("r", "w")
        leased.lease = "lease"
        self.graveyard.bury(leased, State.ACKED, "acked")
        ended = self.graveyard.find("r")
        assert ended is not None
        self.assertEqual(ended.lease, "lease")

    def test_forgets_with_time(self) -> None:
        self.graveyard.bury(slot("r", "w"), State.CLOSED, "eof")
        self.clock.advance(59.9)
        self.assertIsNotNone(self.graveyard.find("r"))
        self.clock.advance(0.1)
        self.assertIsNone(self.graveyard.find("r"))

    def test_drops_the_old_when_something_new_comes(self) -> None:
        self.graveyard.bury(slot("r", "w"), State.CLOSED, "eof")
        self.clock.advance(61.0)
        self.graveyard.bury(slot("r2", "w2"), State.CLOSED, "eof")
        self.assertEqual(len(self.graveyard), 1)
        self.assertEqual(set(self.graveyard._by_token), {"r2", "w2"})

    def test_drops_the_oldest_of_too_many(self) -> None:
        for number in range(5):
            self.graveyard.bury(slot(f"r{number}", f"w{number}"), State.CLOSED, "eof")
        self.assertEqual(len(self.graveyard), 3)
        self.assertIsNone(self.graveyard.find("r1"))
        self.assertIsNotNone(self.graveyard.find("w2"))

    def test_one_token_for_all(self) -> None:
        for number in range(5):
            self.graveyard.bury(slot(f"t{number}", f"t{number}"), State.CLOSED, "eof")
        self.assertEqual(len(self.graveyard._by_token), 3)
