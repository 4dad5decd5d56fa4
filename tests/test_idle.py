"""Tests of `hangerd.idle`."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.idle import IdleExit, Use


class IdleExitTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.now = Use(0, 7)
        self.stopped: list[float] = []
        self.service = IdleExit(
            self.clock, 10.0, [self], lambda: self.stopped.append(self.clock.seconds())
        )

    def use(self) -> Use:
        return self.now

    def pass_seconds(self, seconds: int) -> None:
        self.clock.pump([0.5] * (2 * seconds))

    def test_it_ends_when_nothing_was_ever_used(self) -> None:
        self.service.startService()
        self.pass_seconds(9)
        self.assertEqual(self.stopped, [])
        self.pass_seconds(2)
        self.assertEqual(self.stopped, [10.0])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_what_is_held_keeps_it(self) -> None:
        self.service.startService()
        self.now = Use(1, 7)
        self.pass_seconds(50)
        self.assertEqual(self.stopped, [])
        self.now = Use(0, 7)
        self.pass_seconds(9)
        self.assertEqual(self.stopped, [])
        self.pass_seconds(2)
        self.assertEqual(len(self.stopped), 1)

    def test_what_came_and_went_between_two_looks_counts(self) -> None:
        self.service.startService()
        for begun in range(8, 20):
            self.pass_seconds(9)
            self.now = Use(0, begun)
            self.pass_seconds(1)
        self.assertEqual(self.stopped, [])
        self.pass_seconds(11)
        self.assertEqual(len(self.stopped), 1)

    def test_a_stop_of_the_daemon_ends_the_looking(self) -> None:
        self.service.startService()
        self.service.stopService()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_uses_add_up(self) -> None:
        self.assertEqual(Use(1, 2) + Use(3, 4), Use(4, 6))
