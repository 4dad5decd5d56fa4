"""Tests of `hangerd.dashboard.picture` where scripts are served; `test_feed` has the rest."""

from __future__ import annotations

from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from hangerd.dashboard.picture import Picture
from hangerd.hosts.service import HostsService
from tests.scripts.serving import Serving

URL = "http://127.0.0.1:9095/"


class RunsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.serving = Serving()
        self.addCleanup(self.serving.close)
        hosts = cast(HostsService, [])
        self.picture = Picture(
            self.serving.clock.seconds,
            self.serving.slots,
            hosts,
            self.serving.service,
            lambda: [URL, "http://127.0.0.1:80/"],
        )

    def test_where_to_begin(self) -> None:
        shown = self.picture.look()["daemon"]
        self.assertEqual(shown, {"public": URL, "root": str(self.serving.root)})

    def test_runs_and_who_waits_for_a_thread(self) -> None:
        for name in ("first.py", "second.py"):
            self.serving.run("print('abc')", name)
        shown = self.picture.look()
        self.assertEqual((shown["threads"]["busy"], shown["threads"]["queued"]), (1, 1))
        first, second = (run for key, run in shown.items() if key.startswith("run/"))
        self.assertEqual((first["script"], first["waits_for"]), ("/first.py", ""))
        self.assertEqual((second["script"], second["waits_for"]), ("/second.py", "thread"))
        self.assertEqual(self.picture.step()["runs"], 2)

    def test_a_run_that_is_over(self) -> None:
        self.serving.run("print('abc')")
        self.serving.work()
        self.assertEqual(set(self.picture.look()), {"daemon", "slots", "threads"})
        self.assertEqual(self.picture.step()["runs"], 0)
