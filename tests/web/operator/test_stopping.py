"""Tests of `hangerd.web.operator.stopping`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import Settings
from tests.web.harness import Answer, Daemon


class StopTests(SynchronousTestCase):
    def stop(self, daemon: Daemon, query: str = "", door: str = "public") -> Answer:
        headers = {"Authorization": f"Bearer {daemon.token}"}
        return daemon.ask("POST", f"/-/stop{query}", headers=headers, door=door)

    def test_it_needs_the_control_token(self) -> None:
        daemon = Daemon(self)
        for door in ("public", "admin"):
            self.assertEqual(daemon.ask("POST", "/-/stop", door=door).status, 401)
        self.assertFalse(daemon.clock.hasStopped)
        self.assertEqual(self.stop(daemon).status, 202)
        self.assertTrue(daemon.clock.hasStopped)

    def test_at_the_operators_door(self) -> None:
        daemon = Daemon(self)
        self.assertEqual(self.stop(daemon, door="admin").status, 202)
        self.assertTrue(daemon.clock.hasStopped)

    def test_one_that_is_kept_running_is_needed(self) -> None:
        daemon = Daemon(self)
        answer = self.stop(daemon, "?unused")
        self.assertEqual((answer.status, answer.json["error"]), (409, "conflict"))
        self.assertFalse(daemon.clock.hasStopped)

    def test_one_that_ends_by_itself_is_needed_while_something_is_held(self) -> None:
        daemon = Daemon(self, settings=Settings(idle_exit=60.0))
        slot = daemon.open()
        self.assertEqual(self.stop(daemon, "?unused").status, 409)
        daemon.ask("POST", f"/hanger/write/{slot}/", b"x")
        daemon.ask("POST", f"/hanger/read/{slot}/")
        daemon.clock.advance(3600)
        self.assertEqual(self.stop(daemon, "?unused").status, 202)
        self.assertTrue(daemon.clock.hasStopped)
