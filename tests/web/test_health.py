"""Tests of `hangerd.web.health` and `hangerd.web.operator.status`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.web.harness import Daemon


class HealthTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self)

    def test_at_every_door(self) -> None:
        for door in ("public", "admin"):
            for path, status in (("/-/health", "alive"), ("/-/ready", "ready")):
                answer = self.daemon.ask("GET", path, door=door)
                self.assertEqual((answer.status, answer.json), (200, {"status": status}))
                self.assertEqual(self.daemon.ask("HEAD", path, door=door).body, b"")

    def test_not_ready_when_stopping(self) -> None:
        client = self.daemon.connect()
        next(iter(self.daemon.service._stop_order)).stopService()
        client.request("GET", "/-/ready")
        client.request("GET", "/-/health")
        ready, health = client.answers
        self.assertEqual((ready.status, ready.json["status"]), (503, "not ready"))
        self.assertEqual(ready.header("retry-after"), "2")
        self.assertEqual(health.status, 200)

    def test_nothing_else(self) -> None:
        for method, path, status in (
            ("POST", "/-/health", 405),
            ("GET", "/-/", 404),
            ("GET", "/-", 404),
            ("GET", "/-/health//x", 404),
            ("GET", "/-/a//b", 404),
            ("GET", "/-/%ff", 400),
            ("GET", "/-/health/", 404),
        ):
            for door in ("public", "admin"):
                answer = self.daemon.ask(method, path, door=door)
                self.assertEqual((answer.status, set(answer.json)), (status, KEYS), path)


KEYS = {"error", "message", "remedy"}


class StatusTests(SynchronousTestCase):
    def test_counts(self) -> None:
        daemon = Daemon(self)
        empty: dict[str, float | None] = {"connections": 0, "oldest": None}
        numbers = ("slots", "stored", "waiting", "written", "writes", "redeliveries")
        empty |= dict.fromkeys(numbers, 0)
        self.assertEqual(daemon.counts, empty)
        daemon.clock.advance(7.0)
        token = daemon.open()
        reader = daemon.start("POST", f"/hanger/{token}/read/")
        held = {"slots": 1, "waiting": 1, "connections": 2, "oldest": 7.0}
        self.assertEqual(daemon.counts, empty | held)
        reader.leave()
        daemon.ask("POST", f"/hanger/{token}/write/", b"12345")
        written = {"slots": 1, "stored": 5, "written": 1, "writes": 1, "connections": 2}
        self.assertEqual(daemon.counts, empty | written)
