"""The load's client for HTTP: answers cut off, and answers that refuse."""

from __future__ import annotations

import socket
from typing import Final

from twisted.trial.unittest import SynchronousTestCase

from bench.loads.http import Connection, Refused, body_length, refusal

TOO_LARGE: Final = b'{"error": "x", "message": "It is too large.", "remedy": "Send less."}'


class ClosedSocket:
    """A connection that breaks while a request is sent; what came before can be read."""

    def __init__(self, come: bytes) -> None:
        self._come = come

    def setsockopt(self, *option: int) -> None:
        pass

    def sendall(self, data: bytes) -> None:
        raise BrokenPipeError

    def recv(self, size: int) -> bytes:
        come, self._come = self._come, b""
        return come


class RefusedTests(SynchronousTestCase):
    """Why a server refuses."""

    def test_an_answer_before_the_whole_request_is_the_reason(self) -> None:
        head = b"HTTP/1.1 413 Too Large\r\nContent-Length: %d\r\n\r\n" % len(TOO_LARGE)
        refused = self.assertRaises(Refused, self.ask, head + TOO_LARGE)
        self.assertEqual(str(refused), "413: It is too large. Send less.")

    def test_without_an_answer_the_connection_was_lost(self) -> None:
        self.assertRaises(BrokenPipeError, self.ask, b"")
        self.assertRaises(BrokenPipeError, self.ask, b"HTTP/1.1 413 Too La")

    def test_an_answer_that_is_no_json_is_told_as_it_is(self) -> None:
        self.assertEqual(str(refusal(500, b"oops")), "500: oops")
        self.assertEqual(str(refusal(500, b"[1]")), "500: [1]")

    def ask(self, come: bytes) -> bytes:
        self.patch(socket, "create_connection", lambda *_: ClosedSocket(come))
        return Connection("http://127.0.0.1:1").ask("POST", "/", b"x")


class BodyLengthTests(SynchronousTestCase):
    """How much of a body has come."""

    def test_whole_bodies(self) -> None:
        self.assertEqual(body_length(b"HTTP/1.1 200 OK\r\n\r\nabc"), 3)
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertEqual(body_length(chunked + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 5)

    def test_bodies_that_were_cut_off(self) -> None:
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertEqual(body_length(chunked + b"3\r\nabc\r\n5\r\nde"), 5)
        self.assertEqual(body_length(b""), 0)
