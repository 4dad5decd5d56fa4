"""Tests of `hangerd.dashboard.passes`."""

from __future__ import annotations

from itertools import count

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.dashboard.passes import Passes


class PassesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000.0)
        numbers = count(1)
        self.passes = Passes(self.clock.seconds, lambda: f"token {next(numbers)}", 60.0, 3)

    def test_what_was_issued_is_good_for_its_time(self) -> None:
        token = self.passes.issue()
        self.assertEqual(token, "token 1")
        self.clock.advance(59.9)
        self.assertTrue(self.passes.good(token))
        self.clock.advance(0.1)
        self.assertFalse(self.passes.good(token))

    def test_nothing_else_is_good(self) -> None:
        self.passes.issue()
        for token in ("", "token", "token 1 ", "Token 1", "\udcff"):
            self.assertFalse(self.passes.good(token))
            self.assertFalse(self.passes.drop(token))
        self.assertEqual(len(self.passes), 1)

    def test_a_token_is_used_up_once(self) -> None:
        token = self.passes.issue()
        self.assertTrue(self.passes.drop(token))
        self.assertFalse(self.passes.drop(token))
        self.assertFalse(self.passes.good(token))

    def test_an_old_token_cannot_be_used(self) -> None:
        token = self.passes.issue()
        self.clock.advance(60.0)
        self.assertFalse(self.passes.drop(token))

    def test_the_oldest_gives_way(self) -> None:
        tokens = [self.passes.issue() for _ in range(4)]
        self.assertEqual([self.passes.good(one) for one in tokens], [False, True, True, True])
        self.assertEqual(len(self.passes), 3)

    def test_those_that_ended_take_no_room(self) -> None:
        for _ in range(3):
            self.passes.issue()
        self.clock.advance(60.0)
        self.assertEqual(len(self.passes), 0)
        kept = [self.passes.issue() for _ in range(3)]
        self.assertTrue(all(map(self.passes.good, kept)))

    def test_all_may_be_ended_at_once(self) -> None:
        tokens = [self.passes.issue() for _ in range(2)]
        self.passes.drop_all()
        self.assertFalse(any(map(self.passes.good, tokens)))
        self.assertTrue(self.passes.good(self.passes.issue()))
