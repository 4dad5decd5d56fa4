"""Specs: every field from TOML and JSON, and errors that say what to write instead."""

from __future__ import annotations

import json
import resource
import tomllib
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.errors import SpecError
from hangerd.hosts.fields import Probe, find_account
from hangerd.hosts.spec import Spec, parse_spec

BASE = Path("/srv/site")
FULL = """
kind = "python"
path = "tasks/counter.py"
cwd = "work"
env = { A = "b" }
interpreter = ".venv/bin/python"
autostart = true
public = true
pickle = true
instances = 4
threads = 2
max_concurrency = 3
queue = 10
call_timeout = 2
cancel_grace = 0.5
start_timeout = 5.5
stop_grace = 1
idle_timeout = 0
restart = "always"
max_restarts = 9
window = 30
stable_time = 3
recycle_calls = 1000
recycle_age = 3600
memory_limit = "64M"
watch = ["data.json"]
log_size = "2K"
log_files = 2
user = "root"
umask = "027"
nice = 5
origins = ["https://example.org"]
[rlimits]
nofile = 1024
as = ["1G", "2G"]
"""


def spec(**given: Any) -> Spec:
    return parse_spec("render", given, BASE)


class Good(SynchronousTestCase):
    def test_every_field_reads_the_same_from_toml_and_json(self) -> None:
        mapping = tomllib.loads(FULL)
        found = parse_spec("counter", mapping, BASE)
        self.assertEqual(parse_spec("counter", json.loads(json.dumps(mapping)), BASE), found)
        self.assertEqual(found.path, "/srv/site/tasks/counter.py")
        self.assertEqual(found.cwd, "/srv/site/work")
        self.assertEqual(found.interpreter, "/srv/site/.venv/bin/python")
        self.assertEqual((found.memory_limit, found.log_size), (64 * 2**20, 2048))
        self.assertEqual((found.umask, found.call_timeout), (0o27, 2.0))
        self.assertEqual((found.watch, found.origins), (("data.json",), ("https://example.org",)))
        limits = {
            resource.RLIMIT_NOFILE: (1024, 1024),
            resource.RLIMIT_AS: (2**30, 2**31),
        }
        self.assertEqual(found.rlimits, limits)
        self.assertEqual((found.policy.mode, found.policy.window), ("always", 30.0))
        self.assertEqual(found.concurrency, 3)
        self.assertTrue(spec(kind="python", module="m", checkpoint=True).checkpoint)

    def test_defaults(self) -> None:
        js = spec(kind="js", path="/a/host.config.js")
        self.assertEqual((js.cwd, js.concurrency, js.call_timeout), ("/a", 128, 10.0))
        self.assertTrue(js.callable)
        python = spec(kind="python", module="a.b", threads=4, interpreter="python3.12")
        self.assertEqual((python.cwd, python.concurrency), ("/srv/site", 4))
        self.assertEqual(python.interpreter, "python3.12")
        self.assertFalse(spec(kind="command", argv=["true"]).callable)

    def test_probes(self) -> None:
        for probe in (
            {"http": "http://127.0.0.1:1/x"},
            {"tcp": "localhost:80", "interval": 1},
            {"log": "ready"},
            {"exec": ["true"]},
        ):
            self.assertIsInstance(spec(kind="command", argv=["x"], probe=probe).probe, Probe)

    def test_an_account_has_its_groups(self) -> None:
        account = find_account("root:daemon")
        self.assertEqual(account.uid, 0)
        self.assertIn(account.gid, account.groups)


class Bad(SynchronousTestCase):
    def refused(self, field: str, words: str, remedy: str = "", **given: Any) -> None:
        error = self.assertRaises(SpecError, parse_spec, "render", given, BASE)
        self.assertEqual(error.field, field)
        self.assertIn(words, error.message)
        self.assertIn(remedy, error.remedy)
        self.assertTrue(error.remedy)

    def test_an_unknown_field_names_the_nearest(self) -> None:
        for wrong, right in [
            ("idle_timout", "idle_timeout"),
            ("instance", "instances"),
            ("memory", "memory_limit"),
        ]:
            self.refused(wrong, "unknown field", right, kind="js", path="x", **{wrong: 1})

    def test_names(self) -> None:
        for name in ("", "-a", "a/b", "a" * 65, "ä"):
            error = self.assertRaises(SpecError, parse_spec, name, {"kind": "js"}, BASE)
            self.assertIn("no name", error.message)

    def test_kinds_have_their_fields(self) -> None:
        self.refused("kind", "missing")
        self.refused("kind", "kind", kind="ruby")
        self.refused("path", "missing", kind="js")
        self.refused("path", "either", kind="python")
        self.refused("path", "either", kind="python", path="a", module="b")
        self.refused("argv", "missing", kind="command")
        self.refused("argv", "for kind command", kind="js", path="x", argv=["y"])
        self.refused("pickle", "for kind python", kind="js", path="x", pickle=True)

    def test_values_are_strict(self) -> None:
        js: dict[str, Any] = {"kind": "js", "path": "x"}
        for field, value in [
            ("instances", "2"),
            ("instances", 0),
            ("autostart", 1),
            ("env", {"A": 1}),
            ("call_timeout", -1),
            ("call_timeout", float("inf")),
            ("memory_limit", "64X"),
            ("memory_limit", "-1M"),
            ("umask", "999"),
            ("umask", 0o1000),
            ("restart", "sometimes"),
            ("inspect", -1),
            ("rlimits", {"nofiles": 1}),
            ("rlimits", {"nofile": "many"}),
            ("rlimits", {"nofile": [1, 2, 3]}),
            ("rlimits", {"nofile": True}),
            ("rlimits", 5),
            ("origins", "https://example.org"),
        ]:
            self.refused(field, field, **{**js, field: value})

    def test_instances_share_no_port_of_the_inspector(self) -> None:
        self.refused("inspect", "cannot share", kind="js", path="x", inspect=9229, instances=2)
        parse_spec("one", {"kind": "js", "path": "x", "inspect": 0, "instances": 2}, BASE)

    def test_bad_probes_and_users(self) -> None:
        command: dict[str, Any] = {"kind": "command", "argv": ["x"]}
        for probe in ({}, {"log": "a", "tcp": "b:1"}, {"log": "("}, {"http": "ftp://x"}, {"x": 1}):
            self.refused("probe", "probe", **command, probe=probe)
        both: dict[str, Any] = {"kind": "python", "module": "m", "checkpoint": True, "user": "root"}
        self.refused("checkpoint", "not open to", **both)
        self.refused("user", "no-such-user", **command, user="no-such-user")
        self.refused("user", "no-such-group", **command, user="root:no-such-group")
