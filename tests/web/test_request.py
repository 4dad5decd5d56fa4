"""Tests of `hangerd.web.request`: the bound on bodies, while they come in."""

from __future__ import annotations

import tempfile
from io import BytesIO
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import HttpSettings, SlotsSettings
from hangerd.web import plain, target
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


class ReceivingTests(SynchronousTestCase):
    """Bodies that come in are counted, in all and for each client."""

    def setUp(self) -> None:
        self.daemon = Daemon(
            self, http=HttpSettings(max_receiving=100, max_receiving_per_client=60)
        )
        self.token = self.daemon.open()

    @property
    def received(self) -> int:
        site: Any = self.daemon.clock.tcpServers[0][1]
        rules = site.rules
        self.assertEqual(bool(rules.receiving.used), bool(rules.receiving._by_client))
        used: int = rules.receiving.used
        return used

    def begin(
        self, size: int, host: str = "192.0.2.7", route: str = "write", told: int = 90
    ) -> Client:
        client = self.daemon.connect(peer=IPv4Address("TCP", host, 1))
        head = f"POST /hanger/{self.token}/{route}/ HTTP/1.1\r\nContent-Length: {told}\r\n\r\n"
        client.send(head.encode() + b"x" * size)
        return client

    def assertRefused(self, client: Client, status: int) -> None:
        self.assertEqual(client.answer.status, status)
        self.assertEqual(client.answer.json["error"], f"http_{status}")
        self.assertTrue(client.answer.json["remedy"])
        self.assertEqual(client.answer.header("retry-after"), "10")
        self.assertEqual(client.answer.header("access-control-allow-origin"), "*")
        self.assertTrue(client.wire.half_closed)

    def test_no_more_than_may_of_one_client(self) -> None:
        first = self.begin(50)
        self.assertRefused(self.begin(11), 429)
        self.assertEqual(self.received, 50)
        self.assertTrue(first.waiting)
        first.send(b"x" * 10)
        self.assertEqual(self.received, 60)
        first.send(b"x")
        self.assertRefused(first, 429)
        self.assertEqual(self.received, 0)

    def test_no_more_than_may_of_all(self) -> None:
        self.begin(60)
        self.assertRefused(self.begin(41, "192.0.2.8"), 503)
        self.assertTrue(self.begin(40, "192.0.2.9").waiting)
        self.assertEqual(self.received, 100)

    def test_without_a_body_one_is_served(self) -> None:
        self.begin(60)
        self.begin(40, "192.0.2.8")
        self.assertEqual(self.daemon.ask("POST", "/hanger/open/").status, 200)
        self.assertTrue(self.daemon.start("POST", f"/hanger/{self.token}/read/").waiting)

    def test_given_back_when_answered(self) -> None:
        self.assertEqual(self.begin(50, told=50).answer.status, 200)
        self.assertEqual(self.received, 0)
        self.assertEqual(self.begin(50, told=50).answer.status, 409)
        self.assertEqual(self.received, 0)

    def test_held_as_long_as_the_request_is(self) -> None:
        reader = self.begin(50, route="read", told=50)
        self.assertTrue(reader.waiting)
        self.assertEqual(self.received, 50)
        reader.leave()
        self.assertEqual(self.received, 0)

    def test_given_back_when_the_client_leaves(self) -> None:
        for cleanly in (True, False):
            client = self.begin(50)
            self.assertEqual(self.received, 50)
            client.leave(cleanly=cleanly)
            self.assertEqual(self.received, 0)

    def test_given_back_when_refused_for_its_size_or_form(self) -> None:
        daemon = self.daemon = Daemon(self, slots=SlotsSettings(max_body=30))
        self.token = daemon.open()
        for rest, status in ((b"14\r\n" + b"x" * 20, 413), (b"zz\r\n", 400)):
            client = daemon.connect()
            client.send(
                b"POST /hanger/%s/write/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"14\r\n%s\r\n" % (self.token.encode(), b"x" * 20)
            )
            self.assertEqual(self.received, 20)
            client.send(rest)
            self.assertEqual(client.answer.status, status)
            client.leave()
            self.assertEqual(self.received, 0)

    def test_given_back_when_the_daemon_stops(self) -> None:
        reader = self.begin(50, route="read", told=50)
        self.daemon.service.stopService()
        self.assertEqual(reader.answer.status, 503)
        self.assertEqual(self.received, 0)

    def test_proxies_pay_for_nobody(self) -> None:
        http = HttpSettings(max_receiving_per_client=60, trusted_proxies=("192.0.2.7",))
        self.daemon = Daemon(self, http=http)
        self.token = self.daemon.open()
        for number in range(3):
            client = self.daemon.connect()
            client.send(
                f"POST /hanger/{self.token}/write/ HTTP/1.1\r\nContent-Length: 90\r\n"
                f"X-Forwarded-For: 198.51.100.{number}\r\n\r\n".encode()
                + b"x" * 50
            )
            self.assertTrue(client.waiting)
        self.assertEqual(self.received, 150)


class QueryTests(SynchronousTestCase):
    def test_read_once(self) -> None:
        read: list[bytes] = []

        def parse(uri: bytes) -> dict[str, list[str]]:
            read.append(uri)
            return original(uri)

        original = target.parse_query
        self.patch(plain, "parse_query", parse)
        daemon = Daemon(self)
        self.assertEqual(daemon.ask("POST", "/hanger/open/?v=2&ttl=9&value").status, 200)
        self.assertEqual(read, [b"/hanger/open/?v=2&ttl=9&value"])


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

    def test_what_is_too_much_with_the_others(self) -> None:
        daemon = Daemon(self, http=HttpSettings(max_receiving_per_client=60))
        stream = self.Stream(daemon.clock.tcpServers[0][1])
        receiving = stream.site.rules.receiving
        request = Request(stream, False)
        request.gotLength(None)
        for used in (50, 0, 0):
            request.handleContentChunk(b"x" * 50)
            self.assertEqual(receiving.used, used)
        request.requestReceived(b"POST", stream.path, b"HTTP/2")
        self.assertEqual(stream.head[1], b"429")
        self.assertIn(b"Retry-After", dict(stream.head[3].getAllRawHeaders()))
        self.assertTrue(stream.done)

    def test_a_stream_that_was_reset(self) -> None:
        daemon = Daemon(self)
        stream = self.Stream(daemon.clock.tcpServers[0][1])
        request = Request(stream, False)
        request.gotLength(None)
        request.handleContentChunk(b"x" * 50)
        request.connectionLost(Failure(ConnectionLost()))
        self.assertEqual(stream.site.rules.receiving.used, 0)

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
