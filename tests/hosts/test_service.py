"""The hosts of a daemon: by name, changed by new settings, and all gone within the bound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.errors import HostUnknown
from hangerd.hosts.faults import CallError
from hangerd.hosts.restarts import Exit
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import Spec, parse_spec
from tests.hosts.fakes import World


class Hosts(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.folder = Path(self.mktemp())
        self.service = HostsService(self.world.around, self.folder, now=lambda: 0.0)

    def spec(self, **given: Any) -> Spec:
        return parse_spec("work", {"kind": "python", "module": "m", **given}, Path("/"))

    def test_autostart_begins_with_the_service(self) -> None:
        self.service.define("early", self.spec(autostart=True))
        self.service.define("lazy", self.spec())
        self.assertEqual(self.world.launcher.runners, [])
        self.service.startService()
        self.assertEqual(len(self.world.launcher.runners), 1)
        self.service.define("late", self.spec(autostart=True))
        self.assertEqual(len(self.world.launcher.runners), 2)
        self.assertEqual(list(self.service), ["early", "late", "lazy"])
        self.assertIn("lazy", self.service)

    def test_new_settings_add_change_and_remove(self) -> None:
        self.service.startService()
        before = {"a": self.spec(), "b": self.spec(), "c": self.spec()}
        self.service.define_all(before, {})
        kept = self.service.get("b")
        after = {"b": self.spec(threads=3), "c": self.spec(), "d": self.spec()}
        self.service.define_all(after, before)
        self.assertEqual(list(self.service), ["b", "c", "d"])
        self.assertIs(self.service.get("b"), kept)
        self.assertEqual(kept.spec.threads, 3)

    def test_unknown_names_say_which_there_are(self) -> None:
        error = self.assertRaises(HostUnknown, self.service.get, "x")
        self.assertIn("none", error.remedy)
        self.service.define("a", self.spec())
        error = self.assertRaises(HostUnknown, self.service.remove, "x")
        self.assertIn("there are: a", error.remedy)

    def test_a_removed_host_stops_and_is_forgotten(self) -> None:
        host = self.service.define("a", self.spec())
        host.pool.start()
        self.world.runner.ready("f")
        removed = self.service.remove("a")
        self.assertNotIn("a", self.service)
        self.assertNoResult(removed)
        self.world.runner.die(Exit(status=0))
        self.successResultOf(removed)
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_stop_waits_for_all_and_leaves_no_timer(self) -> None:
        self.service.startService()
        for name in ("a", "b"):
            self.service.define(name, self.spec(autostart=True))
            self.world.runner.ready("f")
        stopped = self.service.stopService()
        one, two = self.world.launcher.runners
        one.die(Exit(status=0))
        self.assertNoResult(stopped)
        two.die(Exit(status=0))
        self.successResultOf(stopped)
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_stop_kills_before_its_bound_and_ends_at_it(self) -> None:
        self.service.startService()
        host = self.service.define("a", self.spec(autostart=True, stop_grace=60))
        self.world.runner.ready("f")
        ready = host.pool.when_ready()
        self.successResultOf(ready)
        stopped = self.service.stopService()
        self.world.clock.advance(2.25)
        self.assertEqual(self.world.runner.ends, [0])
        self.assertNoResult(stopped)
        self.world.clock.advance(0.75)
        self.successResultOf(stopped)

    def test_nothing_to_stop(self) -> None:
        self.service.startService()
        self.successResultOf(self.service.stopService())

    def test_the_log_is_a_file_of_the_state_folder(self) -> None:
        host = self.service.define("a", self.spec(restart="never"))
        waiting = host.pool.when_ready()
        self.world.runner.watcher.process_wrote("stderr", b"hello\n")
        self.world.runner.die(Exit(status=1))
        self.failureResultOf(waiting, CallError)
        text = (self.folder / "logs" / "a.log").read_text()
        self.assertIn("1 stderr hello\n", text)
        self.assertIn("1 hangerd ended: status 1\n", text)
        self.assertEqual(self.service.describe("a")["last_exit"], "status 1")

    def test_a_log_that_cannot_be_written_is_warned_of(self) -> None:
        self.folder.write_text("a file")
        host = self.service.define("a", self.spec())
        host.pool.start()
        self.assertEqual(host.log.tail(1)[0].text, "starting")
