"""One sweep ends what is overdue, and nothing else."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionAborted, ConnectionLost
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web import arrival
from hangerd.web.channel import Limits, ending
from tests.web.channel.rig import Rig, refusal, statuses
from tests.web.channel.row import get, post

LIMITS = Limits(head_seconds=5, body_seconds=5, write_seconds=10, linger_seconds=2)


def after(rig: Rig, seconds: float) -> None:
    """Let time pass, in steps of a quarter second."""
    rig.clock.pump([0.25] * int(seconds * 4))


class SweepTests(SynchronousTestCase):
    def rig(self) -> Rig:
        return Rig(limits=LIMITS)

    def test_one_reactor_call_for_any_number_of_connections(self) -> None:
        rig = self.rig()
        for _ in range(20):
            rig.send(get())
        self.assertEqual(len(rig.clock.getDelayedCalls()), 1)
        rig.lose()
        self.assertEqual(rig.clock.getDelayedCalls(), [])

    def test_forgetting_twice(self) -> None:
        rig = self.rig()
        rig.parts.sweep.forget(rig.channel)
        rig.parts.sweep.forget(rig.channel)
        self.assertEqual(rig.clock.getDelayedCalls(), [])

    def test_one_failing_does_not_keep_the_others(self) -> None:
        class Failing:
            def swept(self, now: float, interval: float) -> None:
                raise ZeroDivisionError

        rig = self.rig()
        failing = Failing()
        rig.parts.sweep.watch(failing)
        after(rig, 62)
        self.assertTrue(rig.transport.disconnecting)
        self.assertTrue(self.flushLoggedErrors(ZeroDivisionError))
        rig.parts.sweep.forget(failing)

    def test_a_long_answer_before_its_body_takes_its_time(self) -> None:
        self.patch(ending, "unsent", lambda transport: 100_000)
        rig = self.rig()
        rig.channel._reading.unread = b"x"
        rig.channel._persistent = False
        rig.channel._request = object()
        rig.channel.requestDone(rig.channel._request)
        after(rig, 9)
        self.assertFalse(rig.transport.aborted)
        after(rig, 2)
        self.assertTrue(rig.transport.aborted)

    def test_an_idle_connection(self) -> None:
        rig = self.rig()
        rig.send(get())
        after(rig, 59)
        self.assertFalse(rig.transport.disconnecting)
        after(rig, 3)
        self.assertTrue(rig.transport.disconnecting)
        self.assertEqual(statuses(rig.seen), [200])

    def test_a_connection_that_never_says_a_word(self) -> None:
        rig = self.rig()
        after(rig, 62)
        self.assertTrue(rig.transport.disconnecting)
        self.assertEqual(rig.seen, b"")

    def test_each_request_begins_the_time_anew(self) -> None:
        rig = self.rig()
        for _ in range(5):
            after(rig, 50)
            rig.send(get())
        self.assertFalse(rig.transport.disconnecting)

    def test_a_slow_head(self) -> None:
        rig = self.rig()
        for byte in get(b"X: " + b"y" * 100)[:30]:
            rig.send(bytes([byte]))
            after(rig, 0.25)
        after(rig, 2)
        self.assertEqual(statuses(rig.seen), [400])
        self.assertEqual(refusal(rig.seen)["error"], "request_timeout")
        self.assertTrue(rig.transport.half_closed)

    def test_a_stalled_body(self) -> None:
        rig = self.rig()
        rig.send(post(b"Content-Length: 50"))
        for _ in range(10):
            after(rig, 4)
            rig.send(b"x")
        self.assertEqual(rig.seen, b"")
        after(rig, 7)
        self.assertEqual(statuses(rig.seen), [400])

    def test_a_held_read_lives_for_ever(self) -> None:
        rig = self.rig()
        rig.resource.held = True
        rig.send(get())
        after(rig, 3600)
        self.assertFalse(rig.transport.disconnecting)
        rig.resource.requests[0].finish()
        rig.turn()
        self.assertEqual(statuses(rig.seen), [200])
        after(rig, 59)
        self.assertFalse(rig.transport.disconnecting)

    def test_a_client_that_does_not_read(self) -> None:
        rig = self.rig()
        rig.resource.held = True
        rig.send(get())
        rig.channel.pauseProducing()
        after(rig, 8)
        self.assertFalse(rig.transport.aborted)
        after(rig, 4)
        self.assertTrue(rig.transport.aborted)
        self.assertEqual(rig.clock.getDelayedCalls(), [])

    def test_a_client_that_does_not_read_the_little_there_is(self) -> None:
        self.patch(ending, "unsent", lambda transport: 10)
        rig = self.rig()
        rig.resource.held = True
        rig.send(get())
        after(rig, 9)
        self.assertFalse(rig.transport.aborted)
        after(rig, 4)
        self.assertTrue(rig.transport.aborted)

    def test_a_client_that_reads_slowly(self) -> None:
        rig = self.rig()
        rig.resource.held = True
        rig.send(get())
        for _ in range(10):
            rig.channel.pauseProducing()
            after(rig, 8)
            rig.channel.resumeProducing()
        self.assertFalse(rig.transport.aborted)

    def test_a_client_that_vanished(self) -> None:
        self.patch(ending, "has_vanished", lambda transport: True)
        rig = self.rig()
        rig.resource.held = True
        rig.send(get())
        after(rig, 5)
        self.assertFalse(rig.transport.aborted)
        rig.resource.requests[0].write(b"x")
        after(rig, 5)
        self.assertTrue(rig.transport.aborted)

    def test_one_that_vanished_with_an_answer_of_which_we_want_to_know(self) -> None:
        self.patch(ending, "has_vanished", lambda transport: True)
        rig = self.rig()
        lost: list[bool] = []
        rig.channel.when_settled(lost.append)
        after(rig, 5)
        self.assertTrue(rig.transport.aborted)
        rig.channel.connectionLost(Failure(ConnectionAborted()))
        self.assertEqual(lost, [True])

    def test_a_client_that_reads_a_large_answer_slowly(self) -> None:
        left = iter(range(1000, 0, -1))
        self.patch(ending, "untaken", lambda transport: next(left))
        rig = self.rig()
        rig.channel.pauseProducing()
        after(rig, 100)
        self.assertFalse(rig.transport.aborted)

    def test_a_closed_connection_whose_client_does_not_read(self) -> None:
        rig = self.rig()
        rig.send(get(b"Connection: close"))
        after(rig, 12)
        self.assertTrue(rig.transport.aborted)

    def test_no_timeouts(self) -> None:
        rig = self.rig()
        self.assertEqual(rig.channel.setTimeout(None), 60)
        self.assertEqual(rig.clock.getDelayedCalls(), [])
        after(rig, 100)
        self.assertFalse(rig.transport.disconnecting)
        self.assertIsNone(rig.channel.setTimeout(5))
        after(rig, 7)
        self.assertTrue(rig.transport.disconnecting)

    def test_a_site_without_timeouts(self) -> None:
        rig = self.rig()
        rig.channel.timeOut = None
        rig.parts.sweep.watch(rig.channel)
        after(rig, 100)
        self.assertFalse(rig.transport.disconnecting)

    def test_a_refused_client(self) -> None:
        rig = self.rig()
        rig.send(b"\x16\x03")
        self.assertTrue(rig.transport.half_closed)
        after(rig, 2)
        self.assertTrue(rig.transport.aborted)
        rig.lose()
        self.assertEqual(rig.clock.getDelayedCalls(), [])


class SettledTests(SynchronousTestCase):
    """Whether an answer was lost with its connection."""

    def answered(self) -> tuple[Rig, list[bool]]:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        settled: list[bool] = []
        self.assertTrue(rig.channel.when_settled(settled.append))
        rig.resource.requests[0].finish()
        return rig, settled

    def test_the_client_goes_on(self) -> None:
        rig, settled = self.answered()
        rig.turn()
        self.assertEqual(settled, [])
        rig.send(b"G")
        self.assertEqual(settled, [False])
        rig.lose()
        self.assertEqual(settled, [False])

    def test_several(self) -> None:
        rig, settled = self.answered()
        rig.channel.when_settled(settled.append)
        rig.lose()
        self.assertEqual(settled, [True, True])

    def test_the_client_leaves(self) -> None:
        rig, settled = self.answered()
        rig.turn()
        rig.lose()
        self.assertEqual(settled, [False])

    def test_the_client_left_before_the_answer(self) -> None:
        rig, settled = self.answered()
        rig.lose()
        self.assertEqual(settled, [True])

    def test_the_connection_breaks(self) -> None:
        rig, settled = self.answered()
        rig.turn()
        rig.protocol.connectionLost(Failure(ConnectionLost()))
        self.assertEqual(settled, [True])

    def test_the_client_closes(self) -> None:
        for unacknowledged in (True, False):
            self.patch(arrival, "unacknowledged", lambda transport, said=unacknowledged: said)
            rig, settled = self.answered()
            rig.channel.readConnectionLost()
            self.assertEqual(statuses(rig.seen), [200])
            self.assertTrue(rig.transport.disconnecting)
            rig.lose()
            self.assertEqual(settled, [unacknowledged])

    def test_the_client_closes_before_it_has_an_answer(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        left = rig.resource.requests[0].notifyFinish()
        rig.channel.readConnectionLost()
        rig.channel.loseConnection()
        self.assertEqual(rig.transport.unregistered, 1)
        self.assertTrue(rig.transport.disconnecting)
        settled: list[bool] = []
        rig.channel.when_settled(settled.append)
        rig.lose()
        self.assertEqual(settled, [True])
        self.failureResultOf(left)

    def test_not_known_under_tls(self) -> None:
        rig = Rig()
        self.patch(rig.channel.__class__, "isSecure", lambda channel: True)
        settled: list[Any] = []
        self.assertFalse(rig.channel.when_settled(settled.append))
