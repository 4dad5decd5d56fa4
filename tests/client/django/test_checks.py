"""Tests of `hangerd.client.django`: its settings and checks, without a project."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from twisted.trial.unittest import SkipTest, SynchronousTestCase

DJANGO = importlib.util.find_spec("django") is not None


class SettingsCase(SynchronousTestCase):
    def setUp(self) -> None:
        if not DJANGO:
            raise SkipTest("Django is not installed")
        from django.conf import settings

        if not settings.configured:
            settings.configure()
        self.base = Path(self.mktemp()).absolute()
        self.base.mkdir()
        (self.base / "host.config.js").write_text("module.exports = {a: 1};")

    def given(self, **values: Any) -> Any:
        from django.test import override_settings

        return override_settings(BASE_DIR=self.base, **values)


class ChecksTests(SettingsCase):
    def ids(self, **values: Any) -> list[str]:
        from hangerd.client.django.checks import check_settings

        with self.given(**values):
            found = check_settings()
        self.messages = [f"{one.msg} {one.hint}" for one in found]
        return [str(one.id).removeprefix("hangerd.") for one in found]

    def host(self, **spec: Any) -> dict[str, Any]:
        return {"HOSTS": {"render": {"kind": "js", "path": "host.config.js", **spec}}}

    def test_nothing_to_say(self) -> None:
        with patch.dict(os.environ, {"PATH": self.node()}):
            self.assertEqual(self.ids(HANGERD=self.host()), [])
        self.assertEqual(self.ids(), [])

    def node(self) -> str:
        """A folder with a program of that name, which nobody runs."""
        node = self.base / "node"
        node.write_text("#!/bin/false\n")
        node.chmod(0o755)
        return str(self.base)

    def test_keys_that_there_are_not(self) -> None:
        self.assertEqual(self.ids(HANGERD={"HOST": {}}), ["E001"])
        self.assertIn("Did you mean HOSTS?", self.messages[0])
        wrongs: list[Any] = [[], {"HOSTS": []}, {"HOSTS": {"render": "host.config.js"}}]
        for wrong in wrongs:
            self.assertEqual(self.ids(HANGERD=wrong), ["E001"])

    def test_hosts_that_cannot_be(self) -> None:
        with patch.dict(os.environ, {"PATH": self.node()}):
            self.assertEqual(self.ids(HANGERD=self.host(autstart=True)), ["E002"])
            self.assertIn("Did you mean autostart?", self.messages[0])
            self.assertEqual(self.ids(HANGERD=self.host(path="not.there.js")), ["E003"])
            self.assertIn(f"{self.base}/not.there.js", self.messages[0])
        command = {"HOSTS": {"db": {"kind": "command", "argv": ["db"]}}}
        self.assertEqual(self.ids(HANGERD=command), ["E002"])

    def test_no_node(self) -> None:
        self.assertEqual(self.ids(HANGERD=self.host(interpreter="no-such-node")), ["W001"])
        self.assertIn("interpreter", self.messages[0])

    def test_no_daemon(self) -> None:
        settings = {"SPAWN": False, "STATE_DIR": self.base / "state"}
        self.assertEqual(self.ids(HANGERD=settings), ["W002"])
        self.assertEqual(self.ids(HANGERD={"URL": "nonsense"}), ["W002"])

    def test_the_old_settings(self) -> None:
        old = {"SOURCE_ROOT": str(self.base), "USE_MANAGER": True}
        with patch.dict(os.environ, {"PATH": self.node()}):
            self.assertEqual(self.ids(JS_HOST=old), [])
            self.assertEqual(self.ids(JS_HOST={**old, "CONFIG_FILE": "other.js"}), ["E003"])
        self.assertEqual(self.ids(JS_HOST={"CONFIG_FILE": "other.js"}), [])


class ConfigTests(SettingsCase):
    def test_what_is_read(self) -> None:
        from hangerd.client.django.conf import Config, read_config

        with self.given():
            self.assertEqual(read_config(), Config())
        hosts = {
            "a": {"kind": "js", "path": "x.js"},
            "b": {"kind": "python", "path": Path("/y.py")},
        }
        with self.given(HANGERD={"HOSTS": hosts, "SPAWN": False, "IDLE_EXIT": 5}):
            found = read_config()
        self.assertEqual((found.spawn, found.idle_exit, found.url), (False, 5, None))
        self.assertEqual(found.hosts["a"]["path"], str(self.base / "x.js"))
        self.assertEqual(found.hosts["b"]["path"], "/y.py")
