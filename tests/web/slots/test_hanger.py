"""Tests of `hangerd.web.slots.hanger`: what it answers itself."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import CorsSettings
from hangerd.web.cors import CorsPolicy
from hangerd.web.slots.hanger import standing_headers
from tests.web.harness import Daemon


class HangerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self, cors=CorsSettings(("https://ours.example",)))

    def test_standing_headers(self) -> None:
        told = dict(standing_headers(CorsPolicy(["*"], credentials=False), None))
        self.assertEqual(told[b"Hanger-Protocol"], b"2")
        self.assertEqual(told[b"Cache-Control"], b"no-store")
        self.assertEqual(told[b"X-Content-Type-Options"], b"nosniff")
        self.assertEqual(told[b"Access-Control-Allow-Origin"], b"*")

    def test_pages_of_other_origins_may_do_nothing(self) -> None:
        origin = {"Origin": "https://theirs.example"}
        for method, path in (("POST", "/hanger/open/"), ("OPTIONS", "/hanger/open/")):
            answer = self.daemon.ask(method, path, headers=origin)
            self.assertEqual((answer.status, answer.json["error"]), (403, "forbidden"))
        self.assertEqual(self.daemon.counts["slots"], 0)
        self.assertEqual(
            self.daemon.ask("POST", "/hanger/open/", headers={"Origin": "null"}).status, 403
        )

    def test_programs_name_no_origin(self) -> None:
        self.assertEqual(self.daemon.ask("POST", "/hanger/open/").status, 200)

    def test_what_is_not_utf8(self) -> None:
        for path in ("/hanger/%ff", "/hanger/\xa0", "/hanger/open/%c3"):
            answer = self.daemon.ask("GET", path)
            self.assertEqual((answer.status, answer.json["error"]), (400, "bad_request"))

    def test_odd_hosts(self) -> None:
        for host, status in (
            (b"\xff", 200),
            (b"[::1", 200),
            (b"[::1]:80", 200),
            (b"a:b:c", 200),
            (b"", 200),
            (b"x" * 1000, 200),
        ):
            client = self.daemon.connect()
            client.send(
                b"POST /hanger/open/ HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n" % host
            )
            self.assertEqual(client.answer.status, status, host)
