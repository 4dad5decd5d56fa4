"""Tests of `hangerd.web.access`: what a log line shows, and what it never shows."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.logger import LogEvent
from twisted.trial.unittest import SynchronousTestCase

from hangerd.log_lines import SECONDS
from hangerd.logs import daemon_log, log_observer
from hangerd.scripts.note import RunNote
from hangerd.web.access import Finished, access_log, shown_path
from tests.web.harness import Daemon

SECRET = "s3cr3ts3cr3ts3cr"


class ShownPathTests(SynchronousTestCase):
    def test_other_paths_as_they_are(self) -> None:
        for path in (b"/", b"/-/health", b"/folder/file.txt", b"-", b"/hangers/x"):
            self.assertEqual(shown_path(path), path.decode())

    def test_slots_by_their_words(self) -> None:
        for path, shown in (
            (b"/hanger/open/", "/hanger/open/"),
            (b"/hanger/sleep", "/hanger/sleep"),
            (b"/hanger/client.js", "/hanger/client.js"),
            (b"/hanger/abcdefghijklmnop/read/", "/hanger/*/read/"),
            (b"/hanger/abcdefghijklmnop", "/hanger/*"),
            (b"/hanger//abcdefghijklmnop/x/", "/hanger//*/*/"),
            (b"/hanger", "/hanger"),
        ):
            self.assertEqual(shown_path(path), shown)

    def test_in_disguise(self) -> None:
        for path in (
            b"/%68anger/TOKEN/read/",
            b"/hanger%2fTOKEN/read/",
            b"/hanger/%54OKEN/read/",
            b"//hanger/TOKEN/",
            b"http://host/hanger/TOKEN/read/",
        ):
            self.assertNotIn("OKEN", shown_path(path))

    def test_bounded_and_printable(self) -> None:
        self.assertEqual(len(shown_path(b"/" + b"x" * 10_000)), 200)
        self.assertEqual(shown_path(b"/a\nb\x1b[31m\xff"), r"/a\nb\x1b[31m\\xff")

    @given(st.binary(max_size=300))
    def test_any(self, path: bytes) -> None:
        self.assertTrue(shown_path(path).isprintable())

    @given(st.binary(max_size=30), st.binary(max_size=30))
    def test_no_token_after_the_slots_name(self, before: bytes, after: bytes) -> None:
        path = before + b"/hanger/" + SECRET.encode() + b"/" + after
        self.assertNotIn(SECRET, shown_path(path))


class LogTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self)

    def lines(self, log_format: str, *, debug: bool = True) -> str:
        """The whole log so far, as the daemon would write it."""
        out = io.StringIO()
        observer: Any = log_observer(out, log_format, debug=debug)
        for event in self.daemon.events:
            observer(event)
        return out.getvalue()

    def last(self) -> LogEvent:
        return self.daemon.access_log[-1]

    def test_a_line(self) -> None:
        client = self.daemon.start("GET", "/hanger/sleep/?duration=2.5")
        self.assertEqual(self.daemon.access_log, [])
        self.daemon.clock.advance(2.5)
        self.assertEqual(client.answer.status, 200)
        self.assertIn("192.0.2.7 GET /hanger/sleep/ 200 4B 2.5000s", self.lines("text"))
        line = json.loads(self.lines("json").splitlines()[-1])
        self.assertEqual(
            {key: line[key] for key in ("client", "method", "path", "status", "bytes", "seconds")},
            {
                "client": "192.0.2.7",
                "method": "GET",
                "path": "/hanger/sleep/",
                "status": 200,
                "bytes": 4,
                "seconds": 2.5,
            },
        )

    def test_a_line_of_a_script(self) -> None:
        out = io.StringIO()
        for log_format in ("text", "json"):
            clock = Clock()
            hear = access_log(daemon_log(out, log_format, debug=False), clock)
            for ended in ("", "timeout"):
                run = RunNote("0123abcd", "/a\n.py", 0.123456, ended)
                hear(Finished("192.0.2.7", b"GET", "/a", 200, 4, 2.5, run))
            clock.advance(SECONDS)
        *text, done, timeout = out.getvalue().splitlines()
        line = "192.0.2.7 GET /a 200 4B 2.5000s /a\\n.py [0123abcd] waited 0.1235s"
        self.assertEqual([x.partition("] ")[2] for x in text], [line, f"{line} timeout"])
        keys = ("script", "run", "waited", "ended", "message")
        told = [json.loads(timeout)[key] for key in keys]
        self.assertEqual(told, [r"/a\n.py", "0123abcd", 0.1235, "timeout", f"{line} timeout"])
        self.assertEqual(json.loads(done)["ended"], "done")

    def test_one_line_each(self) -> None:
        """Refusals of the parser too."""
        client = self.daemon.connect()
        client.request("POST", "/hanger/open/")
        client.request("GET", "/-/health")
        self.daemon.start("POST", "/hanger/open/?q", b"x" * (1024**2 + 1))
        self.daemon.connect().send(b"BAD\r\n\r\n")
        self.daemon.connect().send(b"x" * 20_000)
        seen = [(e["method"], e["path"], e["status"]) for e in self.daemon.access_log]
        self.assertEqual(
            seen,
            [
                ("POST", "/hanger/open/", 200),
                ("GET", "/-/health", 200),
                ("POST", "/hanger/open/", 413),
                ("-", "-", 400),
                ("-", "-", 431),
            ],
        )

    def test_no_secret_is_ever_written(self) -> None:
        """Neither token, lease, query nor value, whatever happens to them."""
        ask, secrets = self.daemon.ask, [SECRET, self.daemon.token]
        legacy = self.daemon.open()
        read, write = self.daemon.open_split()
        secrets += [legacy, read, write]
        ask("POST", f"/hanger/{write}/write/?wait={SECRET}", SECRET.encode())
        ask("POST", f"/hanger/{write}/write/", SECRET.encode(), {"Content-Type": SECRET})
        lease = ask("POST", f"/hanger/{read}/read/").header("hanger-lease") or ""
        secrets.append(lease.partition(";")[0])
        ask("POST", f"/hanger/{read}/ack/?lease={secrets[-1]}")
        ask("POST", f"/hanger/{read}/{SECRET}/?{SECRET}")
        ask("POST", f"/%68anger/{legacy}/write/", SECRET.encode())
        ask("GET", f"/?token={SECRET}", headers={"Cookie": SECRET, "Referer": SECRET})
        ask("GET", "/-/slots", headers={"Authorization": f"Bearer {SECRET}"}, door="admin")
        self.assertIn("slots", self.daemon.counts)
        self.daemon.connect().send(f"GET /hanger/{SECRET}/ HTTP/1.1\r\nbad\r\n\r\n".encode())
        self.daemon.start("POST", f"/hanger/{SECRET}/write/", SECRET.encode() * 70_000)
        self.daemon.service.stopService()
        for log_format in ("text", "json"):
            lines = self.lines(log_format)
            self.assertGreater(lines.count("\n"), 10)
            self.assertEqual([secret for secret in secrets if secret in lines], [])

    @given(st.binary(min_size=1, max_size=40))
    @settings(max_examples=50)
    def test_an_odd_request_is_one_line(self, target: bytes) -> None:
        before = len(self.daemon.events)
        self.daemon.connect().send(b"X" + target + b" /" + target + b" HTTP/1.1\r\n\r\n")
        self.daemon.events[:before] = []
        for log_format in ("text", "json"):
            self.assertEqual(len(self.lines(log_format, debug=False).splitlines()), 1)
