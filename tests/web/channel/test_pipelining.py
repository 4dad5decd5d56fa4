"""Requests sent ahead, and clients that leave."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.channel import Limits
from tests.web.channel.rig import Rig, statuses
from tests.web.channel.row import get


class PipeliningTests(SynchronousTestCase):
    def test_in_order_and_in_one_write(self) -> None:
        rig = Rig()
        raw = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(10))
        self.assertEqual(statuses(rig.send(raw)), [200] * 10)
        self.assertEqual(
            [uri for _, uri, _ in rig.resource.served], [b"/%d" % n for n in range(10)]
        )
        self.assertEqual(len(rig.transport.writes), 1)

    def test_the_next_waits_for_the_answer(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get() + get())
        self.assertEqual(len(rig.resource.requests), 1)
        rig.resource.requests[0].finish()
        self.assertEqual(len(rig.resource.requests), 2)

    def test_many_do_not_recurse_and_let_others_have_a_turn(self) -> None:
        rig = Rig(limits=Limits(ahead_requests=16, ahead_bytes=1000))
        rig.protocol.dataReceived(get() * 500)
        self.assertEqual(len(rig.resource.served), 16)
        self.assertFalse(rig.transport.reading)
        rig.protocol.dataReceived(get())
        self.assertEqual(len(rig.resource.served), 16)
        for _ in range(40):
            rig.turn()
        self.assertEqual(len(rig.resource.served), 501)
        self.assertTrue(rig.transport.reading)

    def test_a_client_that_leaves_while_its_requests_rest(self) -> None:
        rig = Rig()
        rig.protocol.dataReceived(get() * 100)
        rig.lose()
        rig.turn()
        self.assertEqual(len(rig.resource.served), 16)
        self.assertEqual(rig.clock.getDelayedCalls(), [])

    def test_reading_pauses_beyond_the_bound(self) -> None:
        rig = Rig(limits=Limits(ahead_bytes=100))
        rig.resource.held = True
        rig.send(get(), b"x" * 100)
        self.assertTrue(rig.transport.reading)
        rig.send(b"x")
        self.assertFalse(rig.transport.reading)
        rig.resource.requests[0].finish()
        rig.turn()
        self.assertTrue(rig.transport.reading)  # or the rest of the head could never come

    def test_reading_goes_on_when_what_waited_was_served(self) -> None:
        rig = Rig(limits=Limits(ahead_bytes=100))
        rig.resource.held = True
        rig.send(get(), get() * 5)
        self.assertFalse(rig.transport.reading)
        rig.resource.held = False
        rig.resource.requests[0].finish()
        rig.turn()
        self.assertEqual(len(rig.resource.served), 6)
        self.assertTrue(rig.transport.reading)


class LeavingTests(SynchronousTestCase):
    def test_notify_finish(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        left = rig.resource.requests[0].notifyFinish()
        rig.lose()
        self.failureResultOf(left, ConnectionDone)
        self.assertEqual(rig.clock.getDelayedCalls(), [])

    def test_notify_finish_of_an_answer(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        done = rig.resource.requests[0].notifyFinish()
        rig.resource.requests[0].finish()
        self.assertIsNone(self.successResultOf(done))

    def test_a_request_that_closes_its_connection(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        request = rig.resource.requests[0]
        request.write(b"last words")
        request.loseConnection()
        self.assertIn(b"last words", rig.seen)
        self.assertTrue(rig.transport.disconnecting)
        request.finish()
        rig.protocol.dataReceived(get())
        self.assertEqual(len(rig.resource.requests), 1)

    def test_writing_after_the_client_left(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        rig.lose()
        rig.channel.write(b"x")
        rig.channel.writeSequence([b"x"])
        rig.turn()
        self.assertEqual(rig.seen, b"")
