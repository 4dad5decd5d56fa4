"""Tests of `hangerd.web.packing`: scripts' pages that are packed as they come."""

from __future__ import annotations

import re
import zlib
from typing import Any

from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.paths import Script
from hangerd.web.packing import AT_ONCE, LEAST, PackedAnswer, Packer, Packing
from tests.web.producer import Producer
from tests.web.scripts.test_requests import HTML, NAME, ScriptsTestCase

ON = "# hangerd: compress=on\n"
LONG = "print('<p>' + 'word ' * 1000)\n"


def unpack(chunks: bytes) -> tuple[bytes, bool]:
    """What a client reads of a chunked body, as far as it came; and whether that is all."""
    reader, text = zlib.decompressobj(31), b""
    while chunks:
        size, _, chunks = chunks.partition(b"\r\n")
        text += reader.decompress(chunks[: int(size, 16)])
        chunks = chunks[int(size, 16) + 2 :]
    return text, reader.eof


class PackedPagesTests(ScriptsTestCase):
    """What is packed, and how that is told."""

    def ask(self, source: str, coding: str = "gzip", **more: str) -> tuple[dict[str, str], bytes]:
        """Ask for a script, and return headers and body."""
        request = self.visit(source, accept_encoding=coding, **more)
        head, _, body = request.wire.written.getvalue().partition(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")[1:]
        return dict(line.split(": ", 1) for line in lines), body

    def test_a_page(self) -> None:
        headers, body = self.ask(ON + LONG)
        self.assertEqual(headers["content-encoding"], "gzip")
        self.assertEqual(headers["vary"], "accept-encoding")
        self.assertNotIn("content-length", headers)
        self.assertEqual(unpack(body), (b"<p>" + b"word " * 1000 + b"\n", True))
        self.assertLess(len(body), 300)

    def test_a_page_of_text_in_a_browser(self) -> None:
        headers, body = self.ask(ON + "print('a < b')", accept=HTML)
        self.assertEqual(headers["content-encoding"], "gzip")
        text, whole = unpack(body)
        self.assertIn(b"a &lt; b", text)
        self.assertTrue(whole and text.endswith(b"</html>\n"))

    def test_who_does_not_want_it(self) -> None:
        plain = b"<p>" + b"word " * 1000 + b"\n"
        for coding in ("", "br", "gzip;q=0", "identity, gzip;q=0.5", "*;q=0"):
            headers, body = self.ask(ON + LONG, coding)
            self.assertNotIn("content-encoding", headers)
            self.assertEqual(headers["vary"], "accept-encoding")
            self.assertIn(plain, body)
        for coding in ("gzip;q=0.1", "br, *", "x-gzip, gzip"):
            self.assertEqual(self.ask(ON + LONG, coding)[0]["content-encoding"], "gzip", coding)

    def test_what_is_left_alone(self) -> None:
        say = ON + "from hangerd import response as r\nr."
        for source in (
            LONG,  # nothing was said of it
            ON + f"print('<' * {LEAST - 2})",  # it is tiny
            ON,
            ON + "1 / 0",
            say + "set_header('Content-Length', '5004')\n" + LONG,
            say + "set_header('Content-Encoding', 'br')\n" + LONG,
            say + "set_header('Content-Range', 'bytes 0-1/2')\n" + LONG,
            say + "set_header('Cache-Control', 'max-age=9, no-transform')\n" + LONG,
            say + "set_content_type('image/png')\n" + LONG,
            say + "set_content_type('text/event-stream')\n" + LONG,
            say + "set_status(204)\n" + LONG,
        ):
            headers, _ = self.ask(source)
            self.assertNotEqual(headers.get("content-encoding"), "gzip", source)
            self.assertNotIn("encoding", headers.get("vary", ""), source)
        self.flushLoggedErrors()
        headers, _ = self.ask(say + "set_content_type('application/json')\n" + LONG)
        self.assertEqual(headers["content-encoding"], "gzip")

    def test_tags_and_vary_of_the_script(self) -> None:
        say = ON + "from hangerd import response as r\n"
        for given, told in (('"1"', 'w/"1"'), ('W/"1"', 'w/"1"')):
            headers, _ = self.ask(say + f"r.set_header('ETag', '{given}')\n" + LONG)
            self.assertEqual(headers["etag"], told)
        for given in ("Cookie, Accept-Encoding", "*"):
            headers, _ = self.ask(say + f"r.set_header('Vary', '{given}')\n" + LONG)
            self.assertEqual(headers["vary"], given.lower())

    def test_a_head_request_is_told_the_same(self) -> None:
        found = []
        for method in ("GET", "HEAD"):
            (self.serving.root / NAME).write_text(ON + LONG)
            request = self.request(f"/{NAME}", method, accept_encoding="gzip")
            self.requests(request, Script(str(self.serving.root / NAME), f"/{NAME}"))
            self.serving.work()
            told = request.wire.written.getvalue().replace(b"\r\nTransfer-Encoding: chunked", b"")
            found.append(told.partition(b"\r\n\r\n"))
        self.assertEqual(found[0][0], found[1][0])
        self.assertIn(b"Content-Encoding: gzip", found[1][0])
        self.assertEqual(found[1][2], b"")

    def test_each_print_can_be_read_at_once(self) -> None:
        request, active = self.begin(ON)
        for n in range(5):
            active.run.write_text(f"<p>{n}\n")
            self.serving.clock.turn()
            body = request.wire.written.getvalue().partition(b"\r\n\r\n")[2]
            text, whole = unpack(body)
            self.assertEqual(text, b"".join(b"<p>%d\n" % m for m in range(n + 1)))
            self.assertFalse(whole)
        self.serving.work()
        body = request.wire.written.getvalue().partition(b"\r\n\r\n")[2]
        self.assertTrue(unpack(body.removesuffix(b"0\r\n\r\n"))[1])

    def test_what_is_cut_off_is_not_whole(self) -> None:
        _, body = self.ask(ON + LONG + "import sys; sys.stdout.flush()\n1 / 0")
        self.assertEqual(unpack(body), (b"<p>" + b"word " * 1000 + b"\n", False))
        self.flushLoggedErrors()

    def test_all_is_given_back(self) -> None:
        for end in ("", "\n1 / 0", "\nexit(3)"):
            self.ask(ON + LONG + end)
        request, active = self.begin(ON)
        active.run.write_text("<p>")
        self.serving.clock.turn()
        request.connectionLost(Failure(ConnectionLost()))
        self.serving.work()
        self.assertEqual(self.packing_left(), self.packing_left_before)
        self.flushLoggedErrors()

    def test_when_there_are_too_many(self) -> None:
        self.requests._packing = Packing(self.serving.clock, 0)
        headers, body = self.ask(ON + LONG)
        self.assertNotIn("content-encoding", headers)
        self.assertEqual(headers["vary"], "accept-encoding")
        self.assertIn(b"word word", body)

    def setUp(self) -> None:
        super().setUp()
        self.packing_left_before = self.packing_left()

    def packing_left(self) -> int:
        return self.requests._packing._left

    def begin(self, source: str) -> tuple[Any, Any]:
        """Ask for a script whose thread does not work yet."""
        (self.serving.root / NAME).write_text(source)
        request = self.request(f"/{NAME}", accept_encoding="gzip")
        self.requests(request, Script(str(self.serving.root / NAME), f"/{NAME}"))
        return request, self.serving.active_run


class RestTests(SynchronousTestCase):
    """A run rests while others have their turn."""

    def setUp(self) -> None:
        self.clock, self.run_ = Clock(), Producer()
        self.answer = PackedAnswer(Packing(self.clock), self.run_)  # type: ignore[arg-type]
        self.answer._packer = Packer()

    def test_after_so_much(self) -> None:
        self.answer.feed(b"x" * (AT_ONCE - 1))
        self.assertEqual(self.run_.told, [])
        self.answer.feed(b"xx")
        self.answer.feed(b"x" * AT_ONCE)
        self.assertEqual(self.run_.told, ["pause"])
        self.clock.advance(0)
        self.assertEqual(self.run_.told, ["pause", "resume"])
        self.answer.feed(b"x")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_full_transport_is_waited_for_too(self) -> None:
        self.answer.feed(b"x" * AT_ONCE)
        self.answer.pauseProducing()
        self.clock.advance(0)
        self.assertNotIn("resume", self.run_.told)
        self.answer.resumeProducing()
        self.assertEqual(self.run_.told[-1], "resume")
        self.answer.feed(b"x" * AT_ONCE)
        self.run_.told.clear()
        self.answer.pauseProducing()
        self.answer.resumeProducing()
        self.assertEqual(self.run_.told, ["pause"])
        self.clock.advance(0)
        self.assertEqual(self.run_.told, ["pause", "resume"])

    def test_nothing_is_left(self) -> None:
        self.answer.feed(b"x" * AT_ONCE)
        self.answer.stopProducing()
        self.answer.close()
        self.answer.close()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.answer.feed(b"x"), b"x")
        self.assertEqual(self.run_.told, ["pause", "stop"])

    def test_a_small_window(self) -> None:
        """The memory that each takes follows from it."""
        packed = self.answer.feed(b"abc")
        self.assertEqual(zlib.decompressobj(16 + 13).decompress(packed), b"abc")
        self.assertIsNotNone(re.match(rb"\x1f\x8b", packed))
