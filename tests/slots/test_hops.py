"""Tests of `hangerd.slots.hops`."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.slots.hops import MOST_HOPS, Hops, Nap

seconds = st.floats(min_value=0, max_value=1e9)


class HopsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.hops = Hops(25.0, 300.0)
        self.plain = Hops(0.0, 300.0)

    def test_a_legacy_read(self) -> None:
        self.assertEqual([self.hops.read(n) for n in (0, MOST_HOPS - 1)], [25.0, 25.0])
        self.assertIsNone(self.hops.read(MOST_HOPS))
        self.assertIsNone(self.plain.read(0))

    def test_version_2_asks_again(self) -> None:
        for asked, waits in ((None, 25.0), (3.5, 3.5), (0.0, 0.0), (99.0, 25.0)):
            self.assertEqual(self.hops.ask(asked), waits)
        self.assertEqual([self.plain.ask(None), self.plain.ask(99.0)], [300.0, 99.0])

    def test_a_short_sleep(self) -> None:
        self.assertEqual(self.hops.sleep(4.0, 0), Nap(4.0, 4.0, again=False))
        self.assertEqual(self.hops.sleep(25.0, 0), Nap(25.0, 25.0, again=False))

    def test_a_long_sleep_goes_round(self) -> None:
        self.assertEqual(self.hops.sleep(60.0, 0), Nap(25.0, 60.0, again=True))
        self.assertEqual(self.hops.sleep(60.0, 2), Nap(10.0, 60.0, again=False))

    def test_a_sleep_without_hops(self) -> None:
        self.assertEqual(self.plain.sleep(200.0, 0), Nap(200.0, 200.0, again=False))
        self.assertEqual(self.plain.sleep(math.inf, 5), Nap(300.0, 300.0, again=False))

    def test_a_count_that_was_made_up(self) -> None:
        self.assertEqual(self.hops.sleep(60.0, 10**9), Nap(0.0, 60.0, again=False))

    @given(seconds, seconds, seconds)
    def test_followed_to_its_end_a_sleep_takes_what_was_asked(
        self, hop: float, longest: float, duration: float
    ) -> None:
        hops, slept, count = Hops(hop, longest), 0.0, 0
        while (nap := hops.sleep(duration, count)).again:
            slept, count = slept + nap.seconds, count + 1
            self.assertLessEqual(nap.seconds, hop)
        self.assertLessEqual(count, MOST_HOPS)
        total = min(duration, longest)
        self.assertEqual(nap.whole, total)
        self.assertTrue(math.isclose(slept + nap.seconds, total, rel_tol=1e-9, abs_tol=1e-6))
