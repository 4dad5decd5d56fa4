"""Tests of `hangerd.client.http1`: bytes in, answers out."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.http1 import Answer, HttpSession, target_of

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nHanger-Lease: x; seconds=30\r\n\r\nabc"


class SessionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.session = HttpSession()

    def ask(self, *, streamed: bool = False) -> Answer:
        answer, _ = self.session.request("GET", "/", {"Host": "h"})
        answer.streamed = streamed
        return answer

    def test_a_request_as_bytes(self) -> None:
        _, data = self.session.request("GET", "/a?b", {"Host": "h"})
        self.assertEqual(data, b"GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n")
        _, data = HttpSession().request("POST", "/", {"Host": "h"}, b"x")
        self.assertEqual(data, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")
        _, data = HttpSession().request("POST", "/", {})
        self.assertIn(b"Content-Length: 0", data)

    def test_an_answer_in_any_cuts(self) -> None:
        for cut in range(len(OK)):
            session = HttpSession()
            answer, _ = session.request("GET", "/", {})
            session.feed(OK[:cut]) if cut else None
            self.assertFalse(answer.ready)
            session.feed(OK[cut:])
            self.assertTrue(answer.ready)
            self.assertEqual((answer.status, bytes(answer.body)), (200, b"abc"))
            self.assertEqual(answer.headers["hanger-lease"], "x; seconds=30")
            self.assertTrue(session.usable)

    def test_one_connection_serves_one_request_after_the_other(self) -> None:
        for _ in range(2):
            answer = self.ask()
            self.assertFalse(self.session.usable)
            self.session.feed(OK)
            self.assertTrue(answer.complete)

    def test_what_the_daemon_closes_is_of_no_more_use(self) -> None:
        answer = self.ask()
        self.session.feed(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        self.assertEqual((answer.status, answer.ready), (204, True))
        self.assertFalse(self.session.usable)

    def test_an_answer_before_the_answer_is_passed_over(self) -> None:
        answer = self.ask()
        self.session.feed(b"HTTP/1.1 100 Continue\r\nEarly: 1\r\n\r\n")
        self.assertFalse(answer.ready)
        self.session.feed(OK)
        self.assertEqual(answer.status, 200)
        self.assertNotIn("early", answer.headers)

    def test_a_stream_is_taken_as_it_comes(self) -> None:
        answer = self.ask(streamed=True)
        self.session.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.assertTrue(answer.ready)
        self.assertTrue(answer.begun)
        self.assertFalse(answer.ready)
        self.session.feed(b"3\r\nabc\r\n")
        self.assertTrue(answer.ready)
        self.assertEqual(answer.take(), b"abc")
        self.assertFalse(answer.ready)
        self.session.feed(b"0\r\n\r\n")
        self.assertTrue(answer.complete)
        self.assertEqual(answer.take(), b"")

    def test_the_end_of_the_connection_ends_the_answer(self) -> None:
        answer = self.ask()
        woken = []
        answer.wake = lambda: woken.append(True)
        self.session.feed(OK[:-1])
        self.session.lost("gone")
        self.assertEqual((answer.lost, answer.complete, woken), ("gone", False, [True, True]))
        self.assertTrue(answer.ready)
        self.assertFalse(self.session.usable)
        self.session.lost("again")

    def test_what_nobody_asked_for_and_what_is_no_http(self) -> None:
        with self.assertRaises(ValueError):
            self.session.feed(OK)
        self.ask()
        with self.assertRaises(Exception):  # noqa: B017 - httptools' own
            self.session.feed(b"SSH-2.0\r\n")


class TargetTests(SynchronousTestCase):
    def test_parts_and_query_are_quoted(self) -> None:
        self.assertEqual(target_of("hosts", "a/b?", ""), "/hosts/a%2Fb%3F/")
        self.assertEqual(
            target_of("x", a=None, b=True, c=False, d="e&f", g=1.5), "/x?b&d=e%26f&g=1.5"
        )
