"""Cutting an answer off: what was written arrives over HTTP/2, too, and the request hears of it."""

from __future__ import annotations

from collections import deque
from typing import cast

from twisted.internet.error import ConnectionAborted
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Request
from twisted.web.test.requesthelper import DummyRequest

from hangerd.web.cutting import LOOK_AGAIN, LOOKS, cut


class Connection:
    """What is known of Twisted's: the streams, and what waits on them to be sent."""

    def __init__(self, clock: Clock) -> None:
        self.callLater = clock.callLater
        self.streams: dict[int, Stream] = {}
        self._outboundStreamQueues: dict[int, deque[bytes]] = {}


class Stream:
    """One stream, whose client can leave."""

    streamID = 1

    def __init__(self, connection: Connection, request: DummyRequest) -> None:
        self._conn = connection
        self._request = request
        self.reset = False
        connection.streams[1] = self
        self.queue = connection._outboundStreamQueues[1] = deque()

    def abortConnection(self) -> None:
        self.reset = True
        self.leave()

    def leave(self) -> None:
        del self._conn.streams[1], self._conn._outboundStreamQueues[1]

    def connectionLost(self, reason: Failure) -> None:
        self._request.processingFailed(reason)


class CuttableRequest(DummyRequest):
    """A request that knows whether its connection was ended."""

    def __init__(self) -> None:
        super().__init__([b""])
        self.channel: object = None
        self.ended = False

    def loseConnection(self) -> None:
        self.ended = True


class Http2CuttingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.request = CuttableRequest()
        self.stream = Stream(Connection(self.clock), self.request)
        self.request.channel = self.stream
        self.heard: list[Failure] = []
        self.request.notifyFinish().addErrback(self.heard.append)

    def cut(self) -> None:
        cut(cast(Request, self.request))
        self.clock.advance(0)

    def test_the_stream_is_reset_and_the_request_hears_of_it(self) -> None:
        self.cut()
        self.assertTrue(self.stream.reset)
        self.assertTrue(self.heard[0].check(ConnectionAborted))

    def test_what_was_written_is_sent_before(self) -> None:
        self.stream.queue.append(b"written")
        self.cut()
        self.clock.advance(LOOK_AGAIN)
        self.assertFalse(self.stream.reset)
        self.stream.queue.popleft()
        self.clock.advance(2 * LOOK_AGAIN)
        self.assertTrue(self.stream.reset)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_client_that_takes_nothing_is_not_waited_for_without_end(self) -> None:
        self.stream.queue.append(b"written")
        self.cut()
        for look in range(LOOKS):
            self.assertFalse(self.stream.reset)
            self.clock.advance(LOOK_AGAIN * 2**look)
        self.assertTrue(self.stream.reset)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_client_that_leaves_meanwhile(self) -> None:
        self.stream.queue.append(b"written")
        self.cut()
        self.stream.leave()
        self.clock.advance(LOOK_AGAIN)
        self.assertFalse(self.stream.reset)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class Http1CuttingTests(SynchronousTestCase):
    def test_the_connection_ends(self) -> None:
        request = CuttableRequest()
        cut(cast(Request, request))
        self.assertTrue(request.ended)
