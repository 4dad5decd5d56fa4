"""Hosts defined while the daemon runs: there again after it, and gone for good when removed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.definitions import Definitions
from hangerd.hosts.errors import HostUnknown, NotKept, SpecError
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import parse_spec
from tests.hosts.fakes import World

WORK = {"kind": "python", "path": "work.py", "env": {"SECRET": "s"}, "rlimits": {"nofile": "1K"}}


class Kept(SynchronousTestCase):
    def setUp(self) -> None:
        self.state = Path(self.mktemp())
        self.folder = self.state / "hosts"
        self.world = World()

    def daemon(self, base: str = "/elsewhere") -> tuple[HostsService, Definitions]:
        hosts = HostsService(self.world.around, self.state, now=lambda: 0.0)
        return hosts, Definitions(hosts, self.folder, Path(base))

    def told(self, definitions: Definitions) -> list[str]:
        """The files that a restore has something to say of."""
        with capturedLogs() as events:
            definitions.restore()
        return [event["file"].name for event in events]

    def test_a_host_is_the_same_after_the_daemon(self) -> None:
        _, first = self.daemon("/srv")
        spec = first.define("work.1", WORK).spec
        self.assertEqual(spec.path, "/srv/work.py")
        hosts, second = self.daemon()
        second.restore()
        self.assertEqual(hosts.get("work.1").spec, spec)
        self.assertEqual(list(hosts), ["work.1"])

    def test_nobody_else_can_read_it(self) -> None:
        _, definitions = self.daemon()
        definitions.define("work", WORK)
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o700)
        (file,) = self.folder.iterdir()
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)

    def test_a_change_is_kept_and_a_wrong_one_changes_nothing(self) -> None:
        _, definitions = self.daemon()
        definitions.define("work", WORK)
        definitions.define("work", WORK | {"threads": 3})
        with self.assertRaises(SpecError):
            definitions.define("work", WORK | {"threads": "many"})
        with self.assertRaises(SpecError):
            definitions.define("../work", WORK)
        hosts, after = self.daemon()
        after.restore()
        self.assertEqual(hosts.get("work").spec.threads, 3)

    def test_a_removed_host_stays_away(self) -> None:
        _, definitions = self.daemon()
        definitions.define("work", WORK)
        self.successResultOf(definitions.remove("work"))
        with self.assertRaises(HostUnknown):
            definitions.remove("work")
        hosts, after = self.daemon()
        after.restore()
        self.assertEqual(list(hosts), [])

    def test_the_settings_stand_before_it(self) -> None:
        _, definitions = self.daemon()
        definitions.define("work", WORK)
        hosts, after = self.daemon()
        spec = parse_spec("work", WORK | {"threads": 7}, Path("/"))
        mine = hosts.define("work", spec)
        self.assertEqual(self.told(after), ["work.json"])
        self.assertIs(hosts.get("work"), mine)
        self.assertEqual(mine.spec.threads, 7)

    def test_a_broken_file_is_named_and_costs_no_other(self) -> None:
        _, definitions = self.daemon()
        for name in ("a", "b", "c", "d", "e", "f"):
            definitions.define(name, WORK)
        (self.folder / "a.json").write_text("{")
        (self.folder / "b.json").write_text("[]")
        (self.folder / "c.json").write_text(json.dumps({"base": "/", "spec": {"kind": "x"}}))
        (self.folder / "d.json").write_bytes(b"\xff")
        (self.folder / "e.json").unlink()
        (self.folder / "e.json").mkdir()
        hosts, after = self.daemon()
        self.assertEqual(self.told(after), ["a.json", "b.json", "c.json", "d.json", "e.json"])
        self.assertEqual(list(hosts), ["f"])

    def test_what_cannot_be_kept_is_not_defined(self) -> None:
        self.state.mkdir()
        self.folder.write_text("a file where the folder should be")
        hosts, definitions = self.daemon()
        error = self.assertRaises(NotKept, definitions.define, "work", WORK)
        self.assertIn(str(self.folder), error.message)
        self.assertEqual(list(hosts), [])
