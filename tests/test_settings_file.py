"""etc/hangerd.toml names every setting there is, each at the default that it has."""

from __future__ import annotations

import re
import tempfile
import tomllib
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import FolderSettings, Settings, load_settings
from hangerd.hosts.spec import Spec, parse_spec
from hangerd.quantities import parse_size
from hangerd.scripts.settings import ScriptSettings

FILE = Path(__file__).parent.parent / "etc" / "hangerd.toml"
# "#key = value" is a setting, "# Key is ..." a comment.
_SETTING = re.compile(r"^#(?=[a-z_]+ = )", re.MULTILINE)


def names(settings: Any) -> set[str]:
    """The settings of a dataclass and of those in it, as "slots.read_hop"."""
    found = set()
    for item in fields(settings):
        value = getattr(settings, item.name)
        inner = {f"{item.name}.{name}" for name in names(value)} if is_dataclass(value) else set()
        found |= inner or {item.name}
    return found


def told(table: dict[str, Any]) -> set[str]:
    """The keys of a file, named as `names` does."""
    found = set()
    for key, value in table.items():
        found |= {f"{key}.{name}" for name in told(value)} if isinstance(value, dict) else {key}
    return found


class SettingsFileTests(SynchronousTestCase):
    """The file as we ship it, and the file with all settings in force."""

    def setUp(self) -> None:
        self.text = FILE.read_text(encoding="utf-8")

    def in_force(self) -> Path:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "hangerd.toml"
        path.write_text(_SETTING.sub("", self.text), encoding="utf-8")
        return path

    def test_as_shipped_it_changes_nothing(self) -> None:
        self.assertEqual(load_settings({}, FILE), Settings())

    def test_it_names_every_setting_and_no_other(self) -> None:
        tables = {"hosts", "scripts.folders"}  # their fields are tested below
        known = names(Settings()) - tables
        self.assertEqual(told(tomllib.loads(self.in_force().read_text())), known)

    def test_it_names_every_field_of_a_folder_and_its_true_default(self) -> None:
        section = self.text.partition('#   [scripts.folders."games/easy"]\n')[2].partition("\n\n")[
            0
        ]
        table = tomllib.loads(re.sub(r"^#   ", "", section, flags=re.MULTILINE))
        self.assertEqual(set(table), names(FolderSettings()))
        table["concurrency"] = None  # there is no limit by default
        for name in ("max_body", "max_message"):
            table[name] = parse_size(table[name])
        changes = FolderSettings(**table).changes()
        self.assertEqual(ScriptSettings(**changes), ScriptSettings())

    def test_it_names_every_field_of_a_host(self) -> None:
        section = self.text.partition("#   [hosts.render]\n")[2]
        named = re.findall(r"^#   ([a-z_]+) = ", section, re.MULTILINE)
        self.assertEqual(sorted(named), sorted(names(Spec(kind="js"))))

    def test_it_tells_the_true_defaults_of_a_host(self) -> None:
        section = self.text.partition("#   [hosts.render]\n")[2]
        table = tomllib.loads(re.sub(r"^#   ", "", section, flags=re.MULTILINE))
        given = {"kind", "path", "module", "argv", "cwd", "env", "interpreter", "probe"}
        given |= {"user", "rlimits", "listen", "inspect"}  # examples: there is no default
        rest = {key: value for key, value in table.items() if key not in given}
        for key in ("pickle", "threads", "checkpoint"):
            spec = parse_spec("x", {"kind": "python", "module": "m", key: rest.pop(key)}, FILE)
            self.assertEqual(getattr(spec, key), getattr(Spec(kind="js"), key))
        spec = parse_spec("x", {"kind": "command", "argv": ["x"], **rest}, FILE)
        plain = parse_spec("x", {"kind": "command", "argv": ["x"]}, FILE)
        self.assertEqual(spec, plain)

    def test_it_tells_the_true_defaults(self) -> None:
        # What is nothing by default cannot be said in TOML: there the file has an example.
        default = Settings()
        loaded = load_settings({}, self.in_force())
        absent: dict[str, Any] = {
            f.name: None for f in fields(default) if getattr(default, f.name) is None
        }
        self.assertNotIn(None, [getattr(loaded, name) for name in absent])
        self.assertEqual(replace(loaded, **absent), default)

    def test_every_setting_is_explained(self) -> None:
        for paragraph in self.text.split("\n\n"):
            lines = [line for line in paragraph.splitlines() if line.startswith("#")]
            if any(map(_SETTING.match, lines)):
                self.assertRegex(lines[0], r"^# [A-Z]", paragraph)
