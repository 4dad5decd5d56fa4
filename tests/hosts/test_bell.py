"""Tests of `hangerd.hosts.bell`: one reader, woken once or gone."""

from __future__ import annotations

from twisted.internet.defer import CancelledError
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.bell import Bell


class BellTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bell = Bell()

    def test_wakes_who_waits(self) -> None:
        waiting = self.bell.wait()
        self.assertNoResult(waiting)
        self.bell.ring()
        self.assertIsNone(self.successResultOf(waiting))

    def test_no_ring_is_kept(self) -> None:
        self.bell.ring()
        self.assertNoResult(self.bell.wait())

    def test_who_gave_up_is_forgotten(self) -> None:
        waiting = self.bell.wait()
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.bell.ring()
