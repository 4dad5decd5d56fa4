"""Tests of `hangerd.lag`: how late the reactor is."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.lag import LagService


class LagTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(0.3)
        self.lag = LagService(self.clock)
        self.lag.startService()

    def test_a_reactor_in_time_is_not_late(self) -> None:
        self.clock.pump([0.25] * 40)
        self.assertEqual(self.lag.seen.count, 10)
        self.assertAlmostEqual(self.lag.seen.longest, 0.0)

    def test_a_late_call_counts_by_how_late_it_is(self) -> None:
        self.clock.advance(4.5)
        self.assertAlmostEqual(self.lag.seen.longest, 3.5)
        self.clock.advance(1.0)
        self.assertEqual(self.lag.seen.count, 2)
        self.assertAlmostEqual(self.lag.seen.sum, 3.5)

    def test_stops(self) -> None:
        self.lag.stopService()
        self.lag.stopService()
        self.assertEqual(self.clock.getDelayedCalls(), [])
