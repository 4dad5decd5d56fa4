"""The channel with Twisted's own Request, Klein and producers: what one connection does."""

from __future__ import annotations

from typing import Any

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IConsumer, IProtocol, IPushProducer, ITransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import INonQueuedRequestFactory
from twisted.web.resource import Resource
from twisted.web.server import Request
from zope.interface import directlyProvides
from zope.interface.verify import verifyObject

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

    def test_a_head_is_refused_without_a_body(self) -> None:
        for method, has_body in ((b"HEAD", False), (b"GET", True)):
            seen = Rig().send(
                method + b" / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 40000 + b"\r\n\r\n"
            )
            self.assertTrue(seen.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n"))
            self.assertIs(not seen.endswith(b"\r\n\r\n"), has_body)

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
