"""Tests of `hangerd.web.operator.feed`: the dashboard's events over HTTP."""

from __future__ import annotations

from typing import Any

from tests.web.harness import Client
from tests.web.operator.test_session import HOST, SessionTestCase


class FeedTests(SessionTestCase):
    def watch(self, **headers: str) -> Client:
        told = {"Host": HOST, **headers}
        return self.daemon.start("GET", "/-/feed", headers=told, door="admin")

    def pass_time(self, seconds: int) -> None:
        self.daemon.clock.pump([1.0] * seconds)

    def test_not_for_strangers(self) -> None:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "hangerd-9096=x"}):
            self.assertEqual(self.watch(**headers).answer.status, 401)

    def test_not_by_another_method(self) -> None:
        self.assertEqual(self.ask("POST", "/-/feed", Cookie=self.cookie()).status, 405)

    def test_events(self) -> None:
        client = self.watch(Authorization=f"Bearer {self.daemon.token}")
        sent = client.wire.value()
        head = sent.partition(b"\r\n\r\n")[0].lower()
        for line in (
            b"content-type: text/event-stream",
            b"cache-control: no-store",
            b"x-accel-buffering: no",
        ):
            self.assertIn(line, head)
        self.assertIn(b"id: 0\nevent: picture\ndata: {", sent)
        self.daemon.open()
        self.pass_time(1)
        self.assertIn(b"id: 1\nevent: change\ndata: {", client.wire.value())
        self.assertEqual(client.wire.value().count(b"event: change"), 1)

    def test_it_ends_with_the_token(self) -> None:
        by_token = self.watch(Authorization=f"Bearer {self.daemon.token}")
        by_cookie = self.watch(Cookie=self.cookie())
        self.token_file.write_text("a-new-token-0123456789\n")
        self.pass_time(1)
        self.assertTrue(by_token.wire.disconnecting)
        self.assertTrue(by_cookie.wire.disconnecting)

    def test_a_slow_browser_is_not_buffered_for(self) -> None:
        client = self.watch(Cookie=self.cookie())
        producer: Any = client.wire.producer
        producer.pauseProducing()
        before = len(client.wire.value())
        for _ in range(10):
            self.daemon.open()
            self.pass_time(1)
        self.assertEqual(len(client.wire.value()), before)
        producer.resumeProducing()
        rest = client.wire.value()[before:]
        self.assertEqual((rest.count(b"event: picture"), rest.count(b"event: change")), (1, 0))
        self.assertIn(b'"slots":{"slots":10', rest)
        producer.pauseProducing()
        producer.resumeProducing()
        self.assertEqual(len(client.wire.value()), before + len(rest))

    def test_it_ends_with_the_session(self) -> None:
        cookie = self.cookie()
        client, other = self.watch(Cookie=cookie), self.watch(Cookie=self.cookie())
        self.ask("DELETE", "/-/session", Cookie=cookie)
        self.assertTrue(client.wire.disconnecting)
        self.assertFalse(other.wire.disconnecting)

    def test_it_ends_when_the_session_is_too_old(self) -> None:
        client = self.watch(Cookie=self.cookie())
        self.daemon.clock.advance(12 * 3600.0 - 30)
        self.pass_time(15)
        self.assertFalse(client.wire.disconnecting)
        self.pass_time(30)
        self.assertTrue(client.wire.disconnecting)

    def test_it_ends_with_the_daemon(self) -> None:
        client = self.watch(Cookie=self.cookie())
        self.daemon.service.stopService()
        self.assertTrue(client.wire.value().endswith(b"0\r\n\r\n"))

    def test_who_left_is_forgotten(self) -> None:
        client = self.watch(Cookie=self.cookie())
        client.leave()
        self.pass_time(20)
        self.assertEqual(client.wire.value().count(b"event: beat"), 0)
