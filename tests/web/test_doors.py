"""Tests of `hangerd.web.doors`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.web.harness import Daemon


class DoorsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self)

    def test_nothing_without_a_root(self) -> None:
        for method in ("GET", "POST", "OPTIONS", "X"):
            for path in ("/", "/index.html", "/a/b?c", "/%ff"):
                answer = self.daemon.ask(method, path)
                self.assertEqual(answer.status, 404, (method, path))
                self.assertIn("--root", answer.json["remedy"])
                self.assertEqual(answer.header("x-content-type-options"), "nosniff")

    def test_the_operators_door_has_no_slots(self) -> None:
        answer = self.daemon.ask("POST", "/hanger/open/", door="admin")
        self.assertEqual(answer.status, 404)
        self.assertIsNone(answer.header("access-control-allow-origin"))

    def test_head(self) -> None:
        answer = self.daemon.ask("HEAD", "/")
        self.assertEqual((answer.status, answer.body), (404, b""))
