"""Bodies handed on while they come, limits by request, refusals from within a request."""

from __future__ import annotations

from io import BytesIO
from typing import Any, ClassVar

from twisted.internet.error import ConnectionDone
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Request

from hangerd.web.channel import Limits
from hangerd.web.channel.hooks import TakesBodyAsItComes
from hangerd.web.channel.parts import no_headers
from tests.web.channel.rig import MARK, Rig, refusal, statuses
from tests.web.channel.row import CHUNKED, NEXT, post

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EXPECTING = post(b"Expect: 100-continue", b"Content-Length: 5", body=b"")


class Steps(Request):
    """Notes the calls of the channel, and does at one of them what the test says."""

    channel: Any
    notes: ClassVar[list[Any]] = []
    do: ClassVar[dict[str, Any]] = {}
    streams: ClassVar[bool] = False

    def note(self, step: str, *more: Any) -> None:
        self.notes.append((step, *more))
        self.do.get(step, lambda request: None)(self)

    def headersReceived(self) -> bool:
        self.note("headers", self.method, self.uri, self.path, self.args, self.clientproto)
        return self.streams

    def gotLength(self, length: int | None) -> None:
        self.content = BytesIO()
        self.note("length", length)

    def handleContentChunk(self, data: bytes) -> None:
        self.note("piece", data)

    def bodyReceived(self) -> None:
        self.note("body")

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self.note("received", command, path, version)

    def process(self) -> None:
        self.note("process")

    def connectionLost(self, reason: Any) -> None:
        self.note("lost", reason.type)
        super().connectionLost(reason)


def answer(request: Request) -> None:
    request.write(b"answer")
    request.finish()


def refuse(request: Any) -> None:
    request.channel.refuse(413, "Too much.", "Less.")


class HooksTests(SynchronousTestCase):
    def rig(self, *, streams: Any = False, limits: Any = None, **do: Any) -> Rig:
        self.notes: list[Any] = []
        made = type("Made", (Steps,), {"notes": self.notes, "do": do, "streams": streams})
        return Rig(Resource(), limits, made)

    def test_the_protocol_that_is_documented(self) -> None:
        for name in ("headersReceived", "bodyReceived"):
            self.assertIn(name, vars(TakesBodyAsItComes))
            self.assertFalse(hasattr(Request, name))

    def steps(self) -> list[str]:
        return [note[0] for note in self.notes]

    def test_order_and_what_is_known(self) -> None:
        rig = self.rig()
        rig.send(b"PUT /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab", b"cd")
        self.assertEqual(
            self.notes,
            [
                ("headers", b"PUT", b"/a?b=c", b"/a", {b"b": [b"c"]}, b"HTTP/1.1"),
                ("length", 4),
                ("piece", b"ab"),
                ("piece", b"cd"),
                ("received", b"PUT", b"/a?b=c", b"HTTP/1.1"),
            ],
        )

    def test_chunks_that_come_together_are_one_piece(self) -> None:
        self.rig().send(CHUNKED + b"1\r\na\r\n1\r\nb\r\n", b"1\r\nc\r\n0\r\n\r\n")
        self.assertEqual(self.notes[1:4], [("length", None), ("piece", b"ab"), ("piece", b"c")])

    def test_streaming(self) -> None:
        rig = self.rig(streams=True, body=answer)
        rig.send(post(b"Content-Length: 5", body=b"he"))
        self.assertEqual(self.steps(), ["headers", "length", "process", "piece"])
        seen = rig.send(b"llo" + post(b"Content-Length: 0", body=b""))
        self.assertEqual(
            self.steps()[4:], ["piece", "body", "headers", "length", "process", "body"]
        )
        self.assertEqual(statuses(seen), [200, 200])

    def test_streaming_answered_on_the_last_piece(self) -> None:
        rig = self.rig(streams=True, piece=answer)
        rig.send(post(b"Content-Length: 5") * 2)
        self.assertEqual(self.steps(), ["headers", "length", "process", "piece"] * 2)
        self.assertFalse(rig.transport.disconnecting)

    def test_streaming_without_a_body_answered_at_once(self) -> None:
        rig = self.rig(streams=True, process=answer)
        rig.send(NEXT * 2)
        self.assertEqual(self.steps(), ["headers", "length", "process"] * 2)

    def test_answered_at_the_headers(self) -> None:
        for step, steps in (("headers", 1), ("length", 2)):
            rig = self.rig(streams=True, **{step: answer})
            self.assertEqual(statuses(rig.send(NEXT * 2)), [200, 200])
            self.assertEqual(self.steps(), ["headers", "length"][:steps] * 2)

    def test_answered_before_the_body_is_whole(self) -> None:
        rig = self.rig(streams=True, process=answer)
        seen = rig.send(post(b"Content-Length: 50"))
        self.assertEqual(statuses(seen), [200])
        self.assertTrue(rig.transport.half_closed)
        self.assertEqual(self.steps(), ["headers", "length", "process"])
        rig.send(b"x" * 45 + NEXT)
        self.assertEqual(len(self.notes), 3)

    def test_pausing_the_body(self) -> None:
        rig = self.rig(streams=True, process=lambda request: request.channel.pauseBody())
        rig.send(post(b"Content-Length: 5", body=b"he"))
        self.assertFalse(rig.transport.reading)
        rig.clock.pump([1] * 100)
        self.assertEqual(self.steps(), ["headers", "length", "process"])
        rig.channel.resumeBody()
        self.assertTrue(rig.transport.reading)
        rig.send(b"llo")
        self.assertEqual(self.steps()[3:], ["piece", "piece", "body"])

    def test_pausing_a_body_that_there_is_not(self) -> None:
        rig = self.rig(headers=lambda request: request.channel.pauseBody(), length=answer)
        self.assertEqual(statuses(rig.send(NEXT)), [200])
        self.assertTrue(rig.transport.reading)

    def test_expect_continue(self) -> None:
        rig = self.rig()
        self.assertEqual(rig.send(EXPECTING), CONTINUE)
        rig.send(b"hello")
        self.assertEqual(self.steps()[-1], "received")

    def test_expect_continue_when_the_body_is_here(self) -> None:
        self.assertEqual(self.rig().send(EXPECTING + b"h"), b"")

    def test_expect_continue_without_a_body(self) -> None:
        self.assertEqual(self.rig().send(EXPECTING.replace(b"5", b"0")), b"")

    def test_expect_continue_of_a_refused_body(self) -> None:
        rig = self.rig(length=refuse)
        self.assertEqual(statuses(rig.send(EXPECTING)), [413])

    def test_expect_continue_of_an_answered_request(self) -> None:
        rig = self.rig(streams=True, process=answer)
        self.assertEqual(statuses(rig.send(EXPECTING)), [200])

    def test_expect_continue_of_an_answer_that_has_begun(self) -> None:
        rig = self.rig(streams=True, process=lambda request: request.write(b"early"))
        self.assertEqual(statuses(rig.send(EXPECTING)), [200])
        self.assertEqual(statuses(rig.send(b"hello")), [200])

    def test_a_limit_by_path(self) -> None:
        def small(request: Any) -> None:
            request.channel.body_limit = 3 if request.path == b"/" else None

        rig = self.rig(headers=small)
        seen = rig.send(post(b"Content-Length: 5"))
        self.assertEqual(statuses(seen), [413])
        self.assertEqual(refusal(seen)["error"], "body_too_large")
        self.assertIn(b": ".join(MARK), seen)
        rig = self.rig(length=small)
        rig.send(CHUNKED + b"2\r\nhe\r\n", b"2\r\nll\r\n")
        self.assertEqual(self.steps(), ["headers", "length", "piece", "lost"])

    def test_no_limit(self) -> None:
        rig = self.rig(limits=Limits(body_bytes=None))
        rig.send(post(b"Content-Length: 2000000", body=b"x" * 2000000))
        self.assertEqual(self.steps()[-1], "received")

    def test_the_limit_is_the_next_requests_own(self) -> None:
        def unlimited(request: Any) -> None:
            if request.method == b"POST":
                request.channel.body_limit = None

        rig = self.rig(limits=Limits(body_bytes=2), headers=unlimited, received=answer)
        put = post(b"Content-Length: 5").replace(b"POST", b"PUT")
        self.assertEqual(statuses(rig.send(post(b"Content-Length: 5"), put)), [200, 413])

    def test_refusing_at_each_step(self) -> None:
        for step in ("headers", "length", "piece", "received"):
            rig = self.rig(**{step: refuse})
            seen = rig.send(post(b"Content-Length: 5", body=b"hel"), b"lo" + NEXT)
            self.assertEqual(statuses(seen), [413], step)
            self.assertEqual(
                refusal(seen), {"error": "http_413", "message": "Too much.", "remedy": "Less."}
            )
            self.assertEqual(self.notes[-1], ("lost", ConnectionDone), step)
            self.assertIn(step, self.steps()[-2:])
            self.assertTrue(rig.transport.half_closed)
            self.assertEqual([request.code for request in rig.logged], [413])
            rig.lose()
            self.assertEqual(self.steps().count("lost"), 1)
            self.assertEqual(rig.clock.getDelayedCalls(), [])

    def test_refusing_while_streaming(self) -> None:
        rig = self.rig(streams=True, process=refuse)
        self.assertEqual(statuses(rig.send(post(b"Content-Length: 0", body=b""))), [413])
        self.assertEqual(self.steps(), ["headers", "length", "process", "lost"])

    def test_refusing_with_headers(self) -> None:
        def too_many(request: Any) -> None:
            request.channel.refuse(429, "Too many.", "Wait.", [(b"Retry-After", b"9")])

        seen = self.rig(received=too_many).send(post(b"Content-Length: 0", body=b""))
        self.assertEqual(statuses(seen), [429])
        self.assertIn(b"\r\nRetry-After: 9\r\n", seen)

    def test_refusing_later(self) -> None:
        requests: list[Any] = []
        rig = self.rig(received=requests.append)
        rig.send(post(b"Content-Length: 5"))
        refuse(requests[0])
        self.assertEqual(self.notes[-1], ("lost", ConnectionDone))
        rig.channel.refuse(400, "Again.", "No.")
        self.assertEqual(statuses(rig.seen), [413])

    def test_refusing_an_answer_that_has_begun(self) -> None:
        rig = self.rig(streams=True, process=lambda request: request.write(b"early"), piece=refuse)
        seen = rig.send(post(b"Content-Length: 5"))
        self.assertEqual(statuses(seen), [200])
        self.assertTrue(seen.endswith(b"early\r\n"))
        self.assertTrue(rig.transport.half_closed)
        self.assertEqual(rig.logged, [])

    def test_refusing_head(self) -> None:
        rig = self.rig(received=refuse)
        seen = rig.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(seen.endswith(b"\r\n\r\n"))
        self.assertIn(b"Content-Length: 6", seen)

    def test_refusing_without_a_log(self) -> None:
        rig = self.rig(received=refuse)
        rig.channel.factory = None
        self.assertEqual(statuses(rig.send(NEXT)), [413])

    def test_what_refusal_headers_know(self) -> None:
        known: list[tuple[bytes, bytes | None]] = []

        def headers(channel: Any) -> list[tuple[bytes, bytes]]:
            known.append((channel.path, channel.origin))
            return no_headers(channel)

        for raw in (
            b"POST /a HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nContent-Length: 9999999\r\n\r\n",
            b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n",
            b"POST /a HTTP/1.1\r\nHost : a\r\nOrigin: http://b\r\n\r\n",
            b"GET /" + b"b" * 17000,
            b"\x16\x03",
            b"GET /a\nb HTTP/1.1\r\n\r\n",
            b"G\nET /a HTTP/1.1\r\n\r\n",
        ):
            rig = self.rig()
            object.__setattr__(rig.parts, "refusal_headers", headers)
            rig.send(raw)
        self.assertEqual(
            known,
            [
                (b"/a", b"http://b"),
                (b"/a", None),
                (b"/a", b"http://b"),
                (b"/" + b"b" * 17000, None),
                (b"", None),
                (b"/a", None),
                (b"", None),
            ],
        )
