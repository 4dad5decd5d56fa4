"""Restart policy: delays, the crash limit in a window, and what a stable run forgives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.restarts import Exit, GiveUp, History, Rest, RestartPolicy, Retry

CRASH = Exit(status=1)


def history(**knobs: object) -> History:
    return History(RestartPolicy(**knobs), lambda: 0.0)  # type: ignore[arg-type]


class Verdicts(SynchronousTestCase):
    def test_modes(self) -> None:
        clean, killed, unborn = Exit(status=0), Exit(signal=9), Exit(error="no such file")
        for how in (clean, CRASH, killed, unborn):
            self.assertEqual(history(mode="never").ended(how, 0, 0), Rest())
            self.assertEqual(history(mode="always").ended(how, 0, 0), Retry(0.1))
        self.assertEqual(history().ended(clean, 0, 0), Rest())
        for how in (CRASH, killed, unborn):
            self.assertEqual(history().ended(how, 0, 0), Retry(0.1))
        self.assertEqual(
            [str(how) for how in (CRASH, killed, unborn)], ["status 1", "signal 9", "no such file"]
        )

    def test_delays_double_up_to_the_cap(self) -> None:
        past = history(max_restarts=100, max_delay=1.0)
        delays = [past.ended(CRASH, 0, 0) for _ in range(6)]
        self.assertEqual(delays, [Retry(seconds) for seconds in (0.1, 0.2, 0.4, 0.8, 1.0, 1.0)])

    def test_a_stable_run_and_a_reset_begin_anew(self) -> None:
        past = history()
        past.ended(CRASH, 0, 0)
        self.assertEqual(past.ended(CRASH, 1, 9.9), Retry(0.2))
        self.assertEqual(past.ended(CRASH, 20, 10.0), Retry(0.1))
        past.forget()
        self.assertEqual(past.ended(CRASH, 20, 0), Retry(0.1))

    def test_more_than_max_restarts_in_the_window_is_given_up_though_each_was_stable(self) -> None:
        past = history(max_restarts=2, window=60)
        self.assertIsInstance(past.ended(CRASH, 0, 20), Retry)
        self.assertIsInstance(past.ended(CRASH, 20, 20), Retry)
        verdict = past.ended(CRASH, 59.9, 20)
        self.assertEqual(verdict, GiveUp("ended 3 times in 60 s, last: status 1"))
        past = history(max_restarts=2, window=60)
        for now in (0, 30, 60, 90, 120):
            self.assertIsInstance(past.ended(CRASH, now, 20), Retry)

    @given(st.floats(0, 1, exclude_max=True), st.integers(0, 80))
    def test_chance_only_shortens(self, chance: float, before: int) -> None:
        past = History(RestartPolicy(max_restarts=1000), lambda: chance)
        for _ in range(before):
            past.ended(CRASH, 0, 0)
        verdict = past.ended(CRASH, 0, 0)
        assert isinstance(verdict, Retry)
        longest = min(0.1 * 2**before, 30.0)
        self.assertTrue(longest / 2 <= verdict.delay <= longest)
