"""Tests of `hangerd.web.target`, and of requests that name their host."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import CorsSettings, SlotsSettings
from hangerd.web.target import split_target
from tests.web.harness import Daemon


class SplitTests(SynchronousTestCase):
    def test_absolute(self) -> None:
        for target, path, host in (
            (b"http://x.example/a?b", b"/a?b", b"x.example"),
            (b"HTTPS://[::1]:80/a", b"/a", b"[::1]:80"),
            (b"http://x.example", b"/", b"x.example"),
            (b"http://x.example?b", b"/?b", b"x.example"),
            (b"http://x.example/@b", b"/@b", b"x.example"),
        ):
            self.assertEqual(split_target(target), (path, host))

    def test_others_stay(self) -> None:
        for target in (
            *(b"/a?b", b"/http://x/", b"*", b"", b"ftp://x/a", b"//x/a", b"http:/x"),
            # no host, and a password
            *(b"http:///a", b"http://", b"http://?a", b"http://:80/a", b"http://u:p@x/a"),
        ):
            self.assertEqual(split_target(target), (target, None))

    @given(st.binary(max_size=40))
    def test_anything(self, target: bytes) -> None:
        path, host = split_target(b"http://" + target)
        self.assertEqual(path.startswith(b"/"), bool(host))


class RequestTests(SynchronousTestCase):
    def test_answered_as_its_path(self) -> None:
        daemon = Daemon(self)
        token = daemon.ask("POST", "http://any.example/hanger/open/").text
        told = daemon.ask("GET", f"HTTP://any.example:99/hanger/{token}/?x").json
        self.assertEqual(told["state"], "open")

    def test_none_that_names_no_path(self) -> None:
        """As on our own channel, which has refused them by then."""
        daemon = Daemon(self, channel="twisted")
        for target in ("http:///hanger/open/", "http://u:p@x/hanger/open/", "xhanger/open/"):
            answer = daemon.ask("POST", target, b"x")
            self.assertEqual((answer.status, answer.header("connection")), (400, "close"))
            self.assertEqual(set(answer.json), {"error", "message", "remedy"})
        self.assertEqual(daemon.counts["slots"], 0)

    def test_the_bound_on_its_body(self) -> None:
        daemon = Daemon(self, slots=SlotsSettings(max_body=10))
        asked: list[bytes] = []
        site: Any = daemon.clock.tcpServers[0][1]

        def limit(path: bytes) -> int:
            asked.append(path)
            return 10

        site.rules = replace(site.rules, body_limit=limit)
        daemon.start("POST", "http://any.example/hanger/open/?v=2", b"x")
        self.assertEqual(asked, [b"/hanger/open/"])

    def test_its_host_counts(self) -> None:
        """Not that of the header: RFC 9112, 3.2.2."""
        daemon = Daemon(self, cors=CorsSettings(("https://a.example",)))
        for target, status in (
            ("http://own.example/hanger/open/", 200),
            ("http://other.example/hanger/open/", 403),
        ):
            headers = {"Origin": "http://own.example", "Host": "own.example"}
            client = daemon.connect()
            told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            client.send(f"POST {target} HTTP/1.1\r\n{told}Content-Length: 0\r\n\r\n".encode())
            self.assertEqual(client.answer.status, status)
