"""The file that defines hosts: followed when it is edited, and not when it is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.errors import SettingsError
from hangerd.hosts.service import HostsService
from hangerd.hosts.settings_file import SettingsFileService
from hangerd.hosts.spec import Spec, parse_spec
from tests.hosts.fakes import World


def spec(**given: Any) -> Spec:
    return parse_spec("x", {"kind": "python", "module": "m", **given}, Path("/"))


class Following(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.hosts = HostsService(self.world.around, Path(self.mktemp()))
        self.stamp = (1, 1, 1)
        self.specs: dict[str, Spec] = {"old": spec(), "kept": spec()}
        self.broken = False
        self.hosts.define_all(self.specs, {})
        self.service = SettingsFileService(
            self.world.clock,
            self.hosts,
            Path("/etc/hangerd.toml"),
            self.specs,
            self.load,
            lambda path: self.stamp,
        )
        self.service.startService()

    def load(self, path: Path) -> dict[str, Spec]:
        if self.broken:
            raise SettingsError("it is no TOML", "mend it")
        return self.specs

    def edit(self, **specs: Spec) -> None:
        self.specs = specs
        self.stamp = (self.stamp[0] + 1, 1, 1)
        for _ in range(20):
            self.world.clock.advance(0.05)

    def test_an_edit_is_taken_over(self) -> None:
        self.hosts.define("http", spec())
        self.edit(kept=spec(threads=2), new=spec())
        self.assertEqual(list(self.hosts), ["http", "kept", "new"])
        self.assertEqual(self.hosts.get("kept").spec.threads, 2)

    def test_a_broken_edit_changes_nothing(self) -> None:
        self.broken = True
        self.edit()
        self.assertEqual(list(self.hosts), ["kept", "old"])
        self.broken = False
        self.edit(kept=spec())
        self.assertEqual(list(self.hosts), ["kept"])

    def test_stopped_it_leaves_no_timer(self) -> None:
        self.service.stopService()
        self.assertEqual(self.world.clock.getDelayedCalls(), [])
