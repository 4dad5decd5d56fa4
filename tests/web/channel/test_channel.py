"""The channel with Twisted's own Request, Klein and producers: what one connection does."""

from __future__ import annotations

from typing import Any

from klein import Klein
from twisted.internet import _producer_helpers
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IConsumer, IProtocol, IPushProducer, ITransport
from twisted.internet.task import Cooperator
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import INonQueuedRequestFactory
from twisted.web.resource import Resource
from twisted.web.server import Request
from zope.interface import directlyProvides
from zope.interface.verify import verifyObject

from hangerd.web.channel import Limits
from tests.web.channel.rig import Rig, statuses
from tests.web.channel.row import get, post


class AnswersTests(SynchronousTestCase):
    def test_interfaces(self) -> None:
        channel = Rig().channel
        for interface in (IProtocol, ITransport, IPushProducer, IConsumer):
            self.assertTrue(verifyObject(interface, channel))
        self.assertEqual(channel.logPrefix(), "HTTP/1.1")

    def test_one_write(self) -> None:
        rig = Rig()
        rig.send(get())
        self.assertEqual(len(rig.transport.writes), 1)
        head, _, body = rig.seen.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"))
        self.assertIn(b"\r\nContent-Length: 2", head)
        self.assertEqual(body, b"ok")
        self.assertFalse(rig.transport.disconnecting)
        self.assertEqual(len(rig.logged), 1)

    def test_a_streamed_piece_leaves_when_the_turn_ends(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        request = rig.resource.requests[0]
        request.write(b"one")
        self.assertEqual(rig.seen, b"")
        rig.turn()
        self.assertTrue(rig.seen.endswith(b"\r\n\r\n3\r\none\r\n"))
        request.write(b"two")
        rig.turn()
        self.assertTrue(rig.seen.endswith(b"3\r\ntwo\r\n"))
        request.finish()
        rig.turn()
        self.assertTrue(rig.seen.endswith(b"\r\n0\r\n\r\n"))
        self.assertEqual(len(rig.transport.writes), 3)

    def test_headers_alone_leave_too(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        rig.resource.requests[0].write(b"")
        rig.turn()
        self.assertTrue(rig.seen.endswith(b"\r\n\r\n"))

    def test_head(self) -> None:
        seen = Rig().send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertIn(b"Content-Length: 2", seen)
        self.assertTrue(seen.endswith(b"\r\n\r\n"))

    def test_http_1_0_ends_with_the_connection(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(b"GET / HTTP/1.0\r\n\r\n")
        rig.resource.requests[0].write(b"streamed")
        rig.resource.requests[0].finish()
        rig.turn()
        self.assertTrue(rig.seen.startswith(b"HTTP/1.0 200 OK\r\n"))
        self.assertNotIn(b"chunked", rig.seen)
        self.assertTrue(rig.seen.endswith(b"\r\n\r\nstreamed"))
        self.assertTrue(rig.transport.disconnecting)

    def test_close_is_told_and_done(self) -> None:
        rig = Rig()
        self.assertIn(b"Connection: close\r\n", rig.send(get(b"Connection: close")))
        self.assertTrue(rig.transport.disconnecting)

    def test_an_answer_that_says_close_closes(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        rig.resource.requests[0].setHeader(b"Connection", b"close")
        rig.resource.requests[0].finish()
        rig.turn()
        self.assertTrue(rig.transport.disconnecting)

    def test_an_answer_that_says_something_else_of_the_connection(self) -> None:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        rig.resource.requests[0].setHeader(b"Connection", b"Upgrade")
        rig.resource.requests[0].finish()
        self.assertFalse(rig.transport.disconnecting)

    def test_headers_as_pairs(self) -> None:
        rig = Rig()
        rig.channel.writeHeaders(b"HTTP/1.1", b"200", b"OK", [(b"a-b", b"c\r\nd: e")])
        rig.turn()
        self.assertEqual(rig.seen, b"HTTP/1.1 200 OK\r\nA-B: c d: e\r\n\r\n")

    def test_what_a_request_asks(self) -> None:
        channel = Rig().channel
        self.assertIs(channel.getPeer(), channel.getPeer())
        self.assertIs(channel.getHost(), channel.getHost())
        self.assertFalse(channel.isSecure())

    def test_only_the_request_at_hand_is_done(self) -> None:
        rig = Rig()
        with self.assertRaises(TypeError):
            rig.channel.requestDone(object())

    def test_cookies_and_arguments(self) -> None:
        rig = Rig()
        rig.send(b"GET /a?b=c HTTP/1.1\r\nHost: a\r\nCookie: d=e\r\n\r\n")
        request = rig.resource.requests[0]
        self.assertEqual(request.getCookie(b"d"), b"e")
        self.assertEqual(request.args, {b"b": [b"c"]})

    def test_a_form_that_cannot_be_read(self) -> None:
        rig = Rig(request=lambda channel, *rest: Request(channel, parsePOSTFormSubmission=True))
        seen = rig.send(post(b"Content-Type: multipart/form-data", b"Content-Length: 5"))
        self.assertEqual(statuses(seen), [400])


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


class Producer:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


class BackpressureTests(SynchronousTestCase):
    def held(self) -> tuple[Rig, Request]:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        return rig, rig.resource.requests[0]

    def test_push_producer(self) -> None:
        rig, request = self.held()
        producer = Producer()
        request.registerProducer(producer, True)
        rig.channel.pauseProducing()
        rig.channel.resumeProducing()
        rig.channel.stopProducing()
        self.assertEqual(producer.told, ["pause", "resume", "stop"])
        request.unregisterProducer()
        rig.channel.stopProducing()
        self.assertEqual(len(producer.told), 3)

    def test_two_producers(self) -> None:
        rig, request = self.held()
        request.registerProducer(Producer(), True)
        with self.assertRaises(RuntimeError):
            rig.channel.registerProducer(Producer(), True)

    def test_unregistering_none(self) -> None:
        rig, _ = self.held()
        rig.channel.unregisterProducer()

    def test_pull_producer(self) -> None:
        rig, request = self.held()

        class Pulled:
            def __init__(self) -> None:
                self.left = 3

            def resumeProducing(self) -> None:
                request.write(b"x")
                self.left -= 1
                if not self.left:
                    request.unregisterProducer()
                    request.finish()

            def stopProducing(self) -> None:
                raise NotImplementedError

        cooperator = Cooperator(
            scheduler=lambda turn: rig.clock.callLater(0, turn),
            terminationPredicateFactory=lambda: lambda: True,
        )
        self.patch(_producer_helpers, "cooperate", cooperator.cooperate)
        request.registerProducer(Pulled(), False)
        for _ in range(6):
            rig.turn()
        self.assertEqual(rig.seen.count(b"1\r\nx\r\n"), 3)
        self.assertTrue(rig.seen.endswith(b"0\r\n\r\n"))

    def test_while_the_client_does_not_read_nothing_new_is_served(self) -> None:
        rig = Rig()
        rig.channel.pauseProducing()
        self.assertFalse(rig.transport.reading)
        rig.send(get())
        self.assertEqual(rig.resource.served, [])
        rig.channel.resumeProducing()
        self.assertEqual(len(rig.resource.served), 1)
        self.assertTrue(rig.transport.reading)

    def test_a_held_read_notices_its_client_leaving_though_it_does_not_read(self) -> None:
        rig, _ = self.held()
        rig.channel.pauseProducing()
        self.assertTrue(rig.transport.reading)

    def test_a_large_answer_is_handed_over_at_once(self) -> None:
        rig, request = self.held()
        request.write(b"x" * 70000)
        self.assertIn(b"x" * 70000, rig.seen)


class KleinTests(SynchronousTestCase):
    def test_routes(self) -> None:
        app = Klein()
        answer: Deferred[bytes] = Deferred()
        cancelled: list[bool] = []
        held: Deferred[bytes] = Deferred(lambda _: cancelled.append(True))

        @app.route("/now/<word>")
        def now(request: Any, word: str) -> str:
            return f"said {word}"

        @app.route("/later", methods=["POST"])
        def later(request: Any) -> Deferred[bytes]:
            return answer

        @app.route("/held")
        def hold(request: Any) -> Deferred[bytes]:
            return held

        rig = Rig(app.resource())
        self.assertIn(b"said hello", rig.send(b"GET /now/hello HTTP/1.1\r\nHost: a\r\n\r\n"))
        rig.send(post(b"Content-Length: 5").replace(b" / ", b" /later "))
        answer.callback(b"deferred")
        rig.turn()
        self.assertIn(b"deferred", rig.seen)
        rig.send(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        rig.lose()
        self.assertEqual(cancelled, [True])

    def test_a_failing_resource(self) -> None:
        class Failing(Resource):
            isLeaf = True

            def render_GET(self, request: Request) -> Any:
                raise ZeroDivisionError

        rig = Rig(Failing())
        self.assertEqual(statuses(rig.send(get(), get())), [500, 500])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)


class ConstructionTests(SynchronousTestCase):
    def test_a_factory_of_requests_that_takes_no_place_in_a_queue(self) -> None:
        def build(channel: Any) -> Request:
            return Request(channel)

        directlyProvides(build, INonQueuedRequestFactory)
        self.assertEqual(statuses(Rig(request=build).send(get())), [200])

    def test_connection_made(self) -> None:
        rig = Rig()
        rig.protocol.connectionMade()
        rig.protocol.connectionLost(Failure(ConnectionDone()))
        self.assertTrue(rig.channel._outbox.closed)
