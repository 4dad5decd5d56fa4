"""Tests of `hangerd.web.request`: the bound on bodies, while they come in."""

from __future__ import annotations

import tempfile
from io import BytesIO
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import SlotsSettings
from hangerd.web.request import Request
from tests.web.harness import Answer, Client, Daemon

LIMIT = 1000


class BodyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self, slots=SlotsSettings(max_body=LIMIT))
        self.token = self.daemon.open()
        self.patch(tempfile, "TemporaryFile", self.fail)

    def assertRefused(self, client: Client) -> None:
        answer = client.answer
        self.assertEqual((answer.status, answer.json["error"]), (413, "http_413"))
        self.assertEqual(answer.header("access-control-allow-origin"), "*")
        self.assertTrue(client.wire.half_closed)
        self.assertEqual(self.daemon.counts["stored"], 0)

    def chunked(self, *sizes: int, last: bool = True) -> Client:
        client = self.daemon.connect()
        client.send(
            b"POST /hanger/%s/write/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            % self.token.encode()
        )
        for size in sizes:
            client.send(b"%x\r\n%s\r\n" % (size, b"x" * size))
        if last:
            client.send(b"0\r\n\r\n")
        return client

    def value(self) -> Answer:
        return self.daemon.ask("POST", f"/hanger/{self.token}/read/")

    def test_as_much_as_may(self) -> None:
        answer = self.daemon.ask("POST", f"/hanger/{self.token}/write/", b"x" * LIMIT)
        self.assertEqual((answer.status, len(self.value().body)), (200, LIMIT))

    def test_as_much_as_may_in_chunks(self) -> None:
        self.assertEqual(self.chunked(600, 400).answer.status, 200)
        self.assertEqual(len(self.value().body), LIMIT)

    def test_too_long_by_its_word(self) -> None:
        """Refused before a byte of it has come."""
        client = self.daemon.connect()
        client.send(
            b"POST /hanger/%s/write/ HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
            % (self.token.encode(), LIMIT + 1)
        )
        self.assertRefused(client)
        client.send(b"x" * (LIMIT + 1))
        client.request("POST", "/hanger/open/")
        self.assertRefused(client)

    def test_no_100_continue_for_what_is_refused(self) -> None:
        for length, said in ((LIMIT, [100]), (LIMIT + 1, [413])):
            client = self.daemon.connect()
            client.send(
                b"POST /hanger/%s/write/ HTTP/1.1\r\nContent-Length: %d\r\n"
                b"Expect: 100-continue\r\n\r\n" % (self.token.encode(), length)
            )
            self.assertEqual([int(client.wire.value().split(b" ")[1])], said)

    def test_too_long_in_chunks(self) -> None:
        self.assertRefused(self.chunked(600, 401))
        self.assertRefused(self.chunked(LIMIT + 1, last=False))

    def test_too_long_in_one_packet_with_what_follows(self) -> None:
        client = self.daemon.connect()
        client.send(
            b"POST /hanger/%s/write/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"7d0\r\n%s\r\n0\r\n\r\nPOST /hanger/open/ HTTP/1.1\r\n\r\n"
            % (self.token.encode(), b"x" * 2000)
        )
        self.assertRefused(client)
        self.assertEqual(self.daemon.counts["slots"], 1)

    def test_too_long_and_malformed_is_refused_once(self) -> None:
        client = self.daemon.connect()
        client.send(
            b"POST /hanger/%s/write/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"7d0\r\n%s\r\nzz\r\n" % (self.token.encode(), b"x" * 2000)
        )
        self.assertRefused(client)

    def test_an_endless_one_is_cut_off(self) -> None:
        client = self.chunked(LIMIT + 1, last=False)
        for _ in range(17):
            client.send(b"x" * 1024**2)
        self.assertTrue(client.wire.aborted)

    def test_never_a_file(self) -> None:
        """Twisted puts long bodies, and all that are chunked, into temporary files."""
        daemon = Daemon(self)
        for chunked in (False, True):
            token, body = daemon.open(), b"x" * 1024**2
            client = daemon.connect()
            head = f"POST /hanger/{token}/write/ HTTP/1.1\r\nHost: x\r\n".encode()
            if chunked:
                client.send(head + b"Transfer-Encoding: chunked\r\n\r\n100000\r\n" + body)
                client.send(b"\r\n0\r\n\r\n")
            else:
                client.send(head + b"Content-Length: 1048576\r\n\r\n" + body)
            self.assertEqual(client.answer.status, 200)
            self.assertEqual(daemon.ask("POST", f"/hanger/{token}/read/").body, body)

    def test_at_every_place(self) -> None:
        for path in ("/", "/-/health", "/nothing", "/hanger"):
            client = self.daemon.start("POST", path, b"x" * (LIMIT + 1))
            self.assertEqual(client.answer.status, 413)


class PipelineTests(SynchronousTestCase):
    def test_in_order(self) -> None:
        daemon = Daemon(self)
        for piece in (0, 1, 7):
            tokens = [daemon.open(), daemon.open()]
            raw = "".join(
                f"POST /hanger/{token}/write/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n{n}"
                for n, token in enumerate(tokens)
            )
            client = daemon.connect()
            client.send(raw.encode(), piece=piece)
            self.assertEqual([answer.text for answer in client.answers], tokens)
            for n, token in enumerate(tokens):
                self.assertEqual(daemon.ask("POST", f"/hanger/{token}/read/").text, str(n))

    def test_behind_a_held_read(self) -> None:
        """What comes meanwhile is held back too, but not without bound: its sender is cut off."""
        daemon = Daemon(self)
        token = daemon.open()
        client = daemon.start("POST", f"/hanger/{token}/read/")
        client.request("POST", "/hanger/open/")
        daemon.ask("POST", f"/hanger/{token}/write/", b"first")
        self.assertEqual([answer.status for answer in client.answers], [200, 200])
        client.request("POST", f"/hanger/{daemon.open()}/read/")
        client.send(b"x" * 100_000)
        self.assertTrue(client.wire.aborted)


class LateRefusalTests(SynchronousTestCase):
    """HTTP/2 has no connection to end: its request is refused when its body has ended."""

    class Stream:
        """What Twisted's HTTP/2 stream is to a request, without HTTP/2."""

        def __init__(self, site: Any) -> None:
            self.site = site
            self.path = b"/hanger/open/"
            self.transport = None
            self.head: tuple[Any, ...] = ()
            self.body = b""
            self.done = False

        def writeHeaders(self, *head: Any) -> None:
            self.head = head

        def write(self, data: bytes) -> None:
            self.body += data

        def requestDone(self, _: Request) -> None:
            self.done = True

        def getPeer(self) -> None: ...

        def getHost(self) -> None: ...

    def test_refused_with_a_body_that_says_why(self) -> None:
        daemon = Daemon(self, slots=SlotsSettings(max_body=LIMIT))
        for told in (None, LIMIT + 1):
            stream = self.Stream(daemon.clock.tcpServers[0][1])
            request = Request(stream, False)
            request.gotLength(told)
            for size in (10, LIMIT, 1):
                request.handleContentChunk(b"x" * size)
            self.assertIsInstance(request.content, BytesIO)
            self.assertEqual(request.content.getvalue(), b"")
            request.requestReceived(b"POST", stream.path, b"HTTP/2")
            _, code, _, headers = stream.head
            self.assertEqual(code, b"413")
            self.assertIn(b'"error": "http_413"', stream.body)
            names = (
                dict(headers.getAllRawHeaders())
                if hasattr(headers, "getAllRawHeaders")
                else {name.title(): value for name, value in headers}
            )
            self.assertIn(b"Access-Control-Allow-Origin", names)
            self.assertNotIn(b"Connection", names)
            self.assertTrue(stream.done)
