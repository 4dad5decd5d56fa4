"""Tests of `hangerd.web.http1`: what the parser refuses, and whether an answer arrived."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import ISSLTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import directlyProvides

from hangerd.web import http1, stalled
from tests.web.harness import Client, Daemon

BAD_HEADS = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET /hanger/\r\nHost: x\r\n\r\n",
    b"GET /hanger/ HTTP/1.1\r\nno colon\r\nHost: x\r\n\r\n",
    b"GET /hanger/ HTTP/1.1\r\nbad name: x\r\n\r\n",
    b"GET /hanger/ HTTP/1.1\r\nA: \x00\r\n\r\n",
    b"POST /hanger/open/ HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    b"POST /hanger/open/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /hanger/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /hanger/open/ HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST /hanger/open/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n0\r\n\r\n",
)


class RefusalTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self)

    def assertRefused(self, client: Client, status: int) -> None:
        """Answered once, in our words, and the connection ends."""
        answer = client.answer
        self.assertEqual(answer.status, status)
        self.assertEqual(set(answer.json), {"error", "message", "remedy"})
        self.assertEqual(answer.header("access-control-allow-origin"), "*")
        self.assertEqual(answer.header("hanger-protocol"), "2")
        self.assertEqual(answer.header("connection"), "close")
        self.assertTrue(client.wire.half_closed)

    def test_what_is_no_request(self) -> None:
        for head in BAD_HEADS:
            for piece in (0, 1):
                client = self.daemon.connect()
                client.send(head, piece=piece)
                self.assertRefused(client, 400)
                client.leave()

    def test_what_begins_as_no_request_does(self) -> None:
        """It is not waited until a line of it ends."""
        client = self.daemon.connect()
        client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        self.assertRefused(client, 400)
        self.assertIn("TLS", client.answer.json["remedy"])

    def test_nothing_after_a_refusal_is_taken_for_a_request(self) -> None:
        client = self.daemon.connect()
        client.send(b"BAD\r\n\r\nPOST /hanger/open/ HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        client.request("POST", "/hanger/open/")
        self.assertRefused(client, 400)
        self.assertEqual(self.daemon.counts["slots"], 0)

    def test_too_long(self) -> None:
        for head in (
            b"GET /hanger/%s HTTP/1.1\r\n\r\n" % (b"x" * 20_000),
            b"GET /hanger/ HTTP/1.1\r\nA: %s\r\n\r\n" % (b"x" * 20_000),
            b"GET /hanger/ HTTP/1.1\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
        ):
            for piece in (0, 1000):
                client = self.daemon.connect()
                client.send(head, piece=piece)
                self.assertRefused(client, 431)

    def test_after_a_good_request(self) -> None:
        client = self.daemon.connect()
        client.request("POST", "/hanger/open/")
        client.send(b"BAD\r\n\r\n")
        self.assertEqual([answer.status for answer in client.answers], [200, 400])

    def test_pipelined_behind_a_held_read_waits_its_turn(self) -> None:
        client = self.daemon.connect()
        token = self.daemon.open()
        client.request("POST", f"/hanger/{token}/read/")
        client.send(b"BAD\r\n\r\n")
        self.assertTrue(client.waiting)
        self.daemon.ask("POST", f"/hanger/{token}/write/", b"x")
        self.assertEqual([answer.status for answer in client.answers], [200, 400])

    def test_the_origin_counts_once_it_was_read(self) -> None:
        client = self.daemon.connect()
        client.send(b"POST /hanger/ HTTP/1.1\r\nOrigin: https://a.example\r\nbad\r\n\r\n")
        self.assertRefused(client, 400)

    def test_only_the_door_of_the_slots_is_for_other_origins(self) -> None:
        for door, path, shared in (
            ("public", "/hanger/open/", True),
            ("public", "http://x.example/%68anger/", True),
            ("public", "/%68anger/", True),
            ("public", "/hosts/js/function/echo", False),
            ("public", "http://x.example/hello.py", False),
            ("public", "/hanger.py", False),
            ("public", "/", False),
            ("admin", "/hanger/open/", False),
            ("admin", "/-/slots", False),
        ):
            client = self.daemon.connect(door)
            client.send(f"GET {path} HTTP/1.1\r\nbad\r\n\r\n".encode())
            for name in ("Access-Control-Allow-Origin", "Hanger-Protocol"):
                self.assertEqual(client.answer.header(name) is not None, shared, (door, path))
            self.assertEqual(client.answer.header("X-Content-Type-Options"), "nosniff")

    def test_what_names_no_path(self) -> None:
        for door, shared in (("public", True), ("admin", False)):
            client = self.daemon.connect(door)
            client.send(b"BAD\r\n\r\n")
            self.assertEqual(client.answer.header("Hanger-Protocol") is not None, shared)


class StalledTests(SynchronousTestCase):
    """Whoever takes nothing of an answer for a minute is cut off."""

    def setUp(self) -> None:
        self.daemon = Daemon(self)
        self.left = 1000
        self.patch(stalled, "untaken", lambda _: self.left)
        self.patch(http1, "unsent", lambda _: self.left)
        self.client = self.daemon.connect()
        # What the transport does when it has much to send, and when all of that has left.
        self.wire: Any = self.client.wire
        self.client.request("GET", "/-/health")

    def test_nothing_is_taken(self) -> None:
        self.wire.producer.pauseProducing()
        self.daemon.clock.advance(59.9)
        self.assertFalse(self.wire.aborted)
        self.daemon.clock.advance(0.1)
        self.assertTrue(self.wire.aborted)

    def test_however_little_is_taken(self) -> None:
        self.wire.producer.pauseProducing()
        self.client.protocol._channel.setTimeout(None)
        for self.left in range(999, 900, -1):
            self.daemon.clock.advance(59.0)
        self.assertFalse(self.wire.aborted)
        self.daemon.clock.pump([60.0, 60.0])
        self.assertTrue(self.wire.aborted)

    def test_all_is_taken(self) -> None:
        for _ in range(3):
            self.wire.producer.pauseProducing()
            self.daemon.clock.advance(40.0)
            self.wire.producer.resumeProducing()
            self.client.request("GET", "/-/health")
        self.assertFalse(self.wire.aborted)

    def test_at_the_end(self) -> None:
        self.client.protocol._channel.loseConnection()
        self.daemon.clock.advance(60.0)
        self.assertTrue(self.wire.aborted)

    def test_who_leaves_leaves_no_timer(self) -> None:
        self.wire.producer.pauseProducing()
        self.client.leave()
        self.assertEqual(self.daemon.timers, [])


class LingerTests(SynchronousTestCase):
    """A refused client is heard out for a while."""

    def setUp(self) -> None:
        self.daemon = Daemon(self)
        self.client = self.daemon.connect()
        self.client.send(b"BAD\r\n\r\n")

    def test_what_comes_is_thrown_away(self) -> None:
        written = self.client.wire.value()
        for _ in range(16):
            self.client.send(b"x" * 1024**2)
        self.assertFalse(self.client.wire.aborted)
        self.assertEqual(self.client.wire.value(), written)

    def test_not_without_end(self) -> None:
        for _ in range(17):
            self.client.send(b"x" * 1024**2)
        self.assertTrue(self.client.wire.aborted)

    def test_not_for_ever(self) -> None:
        self.daemon.clock.advance(1.9)
        self.assertFalse(self.client.wire.aborted)
        self.daemon.clock.advance(0.1)
        self.assertTrue(self.client.wire.aborted)

    def test_no_timer_stays(self) -> None:
        self.client.leave()
        self.daemon.clock.advance(10.0)
        self.assertFalse(self.client.wire.aborted)
        self.assertEqual(self.daemon.timers, [])


class DeliveryTests(SynchronousTestCase):
    """A legacy value whose connection breaks before the client speaks again is put back."""

    def setUp(self) -> None:
        self.daemon = Daemon(self)
        self.token = self.daemon.open()

    def deliver(self, client: Client) -> None:
        client.request("POST", f"/hanger/{self.token}/read/")
        self.daemon.ask("POST", f"/hanger/{self.token}/write/", b"value")
        self.assertEqual(client.answers[-1].text, "value")

    def put_back(self) -> bool:
        answer = self.daemon.ask("POST", f"/hanger/{self.token}/read/?hop=19")
        self.assertIn(answer.status, {200, 404})
        return answer.status == 200

    def test_broken(self) -> None:
        client = self.daemon.connect()
        self.deliver(client)
        client.leave(cleanly=False)
        self.assertTrue(self.put_back())

    def test_ended_by_the_client(self) -> None:
        client = self.daemon.connect()
        self.deliver(client)
        client.leave()
        self.assertFalse(self.put_back())

    def test_ended_with_bytes_unsent(self) -> None:
        for name, bytes_left in (("dataBuffer", b"x"), ("_tempDataBuffer", [b"x"])):
            self.token = self.daemon.open()
            client = self.daemon.connect()
            self.deliver(client)
            setattr(client.wire, name, bytes_left)
            client.leave()
            self.assertTrue(self.put_back(), name)

    def test_the_client_spoke_again(self) -> None:
        client = self.daemon.connect()
        self.deliver(client)
        client.request("POST", "/hanger/open/")
        client.leave(cleanly=False)
        self.assertFalse(self.put_back())

    def test_two_values_on_one_connection(self) -> None:
        """Pipelined: both are unheard of when it breaks."""
        client, tokens = self.daemon.connect(), [self.daemon.open(), self.daemon.open()]
        for token in tokens:
            self.daemon.ask("POST", f"/hanger/{token}/write/", b"value")
        raw = "".join(
            f"POST /hanger/{token}/read/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
            for token in tokens
        )
        client.send(raw.encode())
        self.assertEqual([answer.text for answer in client.answers], ["value", "value"])
        client.leave(cleanly=False)
        for self.token in tokens:
            self.assertTrue(self.put_back())

    def test_tls_hides_it(self) -> None:
        """There an answer that was handed over counts as arrived."""
        client = self.daemon.connect()
        directlyProvides(client.wire, ISSLTransport)
        self.deliver(client)
        client.leave(cleanly=False)
        self.assertFalse(self.put_back())

    def test_closed_while_it_waited(self) -> None:
        """A client that closed its side before there was an answer is gone."""
        client = self.daemon.connect()
        client.request("POST", f"/hanger/{self.token}/read/")
        client.protocol.readConnectionLost()
        self.assertTrue(client.wire.disconnecting)
        client.leave()
        self.daemon.ask("POST", f"/hanger/{self.token}/write/", b"value")
        self.assertTrue(self.put_back())

    def test_gone_before_the_answer(self) -> None:
        client = self.daemon.connect()
        client.request("POST", f"/hanger/{self.token}/read/")
        client.leave(cleanly=False)
        self.daemon.ask("POST", f"/hanger/{self.token}/write/", b"value")
        self.assertTrue(self.put_back())


class ConnectionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self)

    def test_kept_open(self) -> None:
        client = self.daemon.connect()
        for _ in range(3):
            client.request("POST", "/hanger/open/")
        self.assertEqual([answer.status for answer in client.answers], [200] * 3)
        self.assertFalse(client.wire.disconnecting)

    def test_closed_when_asked(self) -> None:
        for head in (
            b"GET /-/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"GET /-/health HTTP/1.0\r\n\r\n",
        ):
            client = self.daemon.connect()
            client.send(head)
            self.assertEqual(client.answer.status, 200)
            self.assertTrue(client.wire.disconnecting)

    def test_says_that_it_closes(self) -> None:
        for value in ("close", "Close", "close, te", "te,close"):
            client = self.daemon.start("GET", "/-/health", headers={"Connection": value})
            self.assertEqual(client.answer.header("connection"), "close", value)
            self.assertTrue(client.wire.disconnecting, value)

    def test_an_idle_connection_ends(self) -> None:
        client = self.daemon.connect()
        self.daemon.clock.advance(59.0)
        self.assertFalse(client.wire.disconnecting)
        self.daemon.clock.advance(1.0)
        self.assertTrue(client.wire.disconnecting)
        self.assertEqual(client.answers, [])

    def test_a_held_read_is_not_idle(self) -> None:
        client = self.daemon.start("POST", f"/hanger/{self.daemon.open()}/read/?hop=19")
        self.daemon.clock.advance(10_000.0)
        self.assertTrue(client.waiting)

    def test_half_a_request_is_idle(self) -> None:
        client = self.daemon.connect()
        client.send(b"POST /hanger/open/ HT")
        self.daemon.clock.pump([30.0, 30.0])
        self.assertTrue(client.wire.disconnecting)

    def test_a_head_is_not_read_for_ever(self) -> None:
        """However slowly its bytes come: 408 is never said, the connection just ends."""
        client = self.daemon.connect()
        client.send(b"POST /hanger/open/ HTTP/1.1\r\nA: ")
        for _ in range(1000):
            client.send(b"x")
            self.daemon.clock.advance(50.0)
        self.assertEqual(client.answers, [])
