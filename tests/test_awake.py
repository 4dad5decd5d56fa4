"""Tests of `hangerd.awake`: when the reactor may not sleep."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.awake import SOON, TURNS, Awake
from tests.web.channel.rig import Rig


class AwakeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1)
        self.awake = Awake(self.clock)

    @property
    def sleeps(self) -> bool:
        """Whether the reactor has nothing to do in its next turn."""
        return not self.clock.getDelayedCalls()

    def test_for_a_client_that_asks_again_at_once(self) -> None:
        self.awake.answered()
        self.assertTrue(self.sleeps)
        self.clock.advance(SOON / 2)
        self.awake.answered()
        self.assertFalse(self.sleeps)
        self.assertEqual(self.awake.turns, TURNS)
        self.clock.advance(0)  # which takes turns as long as there is something to do
        self.assertTrue(self.sleeps)
        self.assertEqual(self.awake.turns, 0)

    def test_not_for_one_that_takes_its_time(self) -> None:
        for _ in range(3):
            self.clock.advance(SOON * 1.1)
            self.awake.answered()
            self.assertTrue(self.sleeps)

    def test_one_turn_at_a_time(self) -> None:
        for _ in range(5):
            self.awake.answered()
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_again_after_it_slept(self) -> None:
        for _ in range(3):
            for _ in range(2):
                self.awake.answered()
            self.assertFalse(self.sleeps)
            self.clock.advance(0)
            self.assertTrue(self.sleeps)

    def test_a_row_is_one_clients(self) -> None:
        for _ in range(3):
            self.awake.asked(self)
            self.awake.answered()
        self.awake.asked(self)
        self.assertEqual(self.awake.in_a_row, 2)
        self.awake.asked(self.clock)
        self.assertEqual(self.awake.in_a_row, 0)

    def test_a_rest_ends_a_row(self) -> None:
        for seconds in (0.0, 0.0, SOON * 1.1):
            self.clock.advance(seconds)
            self.awake.answered()
        self.assertEqual(self.awake.in_a_row, 0)
        self.awake.answered()
        self.awake.missed()
        self.assertEqual(self.awake.in_a_row, 0)

    def test_the_next_request_ends_it(self) -> None:
        rig = Rig()
        awake = rig.parts.turn_end.awake
        awake.turns = TURNS
        rig.send(b"GET / HTTP/1.1\r\n")
        self.assertEqual(awake.turns, 0)
