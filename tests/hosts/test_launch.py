"""From a spec to a command, and the folders of sockets."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.errors import LaunchError
from hangerd.hosts.folders import find_runtime_dir, make_private
from hangerd.hosts.launch import build_command
from hangerd.hosts.process import Command
from hangerd.hosts.spec import parse_spec

OWN = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "SECRET": "x"}


def build(**given: Any) -> Command:
    return build_command("work", 3, parse_spec("work", given, Path("/srv")), OWN)


class Commands(SynchronousTestCase):
    def test_the_environment_is_built_not_inherited(self) -> None:
        command = build(kind="command", argv=["x"], env={"A": "b", "LANG": "C"})
        own = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LANG": "C", "A": "b"}
        self.assertEqual(dict(command.env), own)
        bare = parse_spec("work", {"kind": "command", "argv": ["x"]}, Path("/srv"))
        self.assertEqual(build_command("work", 1, bare, {}).env, {"PATH": os.defpath})

    def test_a_python_host_runs_by_its_interpreter_without_stale_bytecode(self) -> None:
        command = build(kind="python", module="m")
        self.assertEqual(list(command.argv[:2]), [sys.executable, "-B"])
        self.assertTrue(command.argv[2].endswith("runners/python"))
        self.assertEqual(command.env["HANGERD_SOCKET_FD"], "3")
        self.assertEqual(
            (command.env["HANGERD_HOST"], command.env["HANGERD_INSTANCE"]), ("work", "3")
        )
        command = build(kind="python", module="m", interpreter="python3.13", watch=False)
        self.assertEqual(command.argv[0], "python3.13")
        self.assertNotIn("-B", command.argv)

    def test_node_is_given_its_inspector_or_is_missing(self) -> None:
        command = build(kind="js", path="a.js", interpreter="/bin/sh", inspect=9229)
        self.assertEqual(list(command.argv[:2]), ["/bin/sh", "--inspect=127.0.0.1:9229"])
        command = build(kind="js", path="a.js", interpreter="/bin/sh", inspect=0)
        self.assertEqual(command.argv[1], "--inspect=127.0.0.1:0")
        self.assertRaises(LaunchError, build, kind="js", path="a.js", interpreter="no-such-node")

    def test_limits_and_user(self) -> None:
        command = build(
            kind="command", argv=["x"], user="nobody", nice=3, umask="077", stop_grace=60
        )
        self.assertNotEqual((command.uid, command.gid), (None, None))
        self.assertIn(command.gid, command.groups)
        self.assertNotEqual(command.env["HOME"], "/root")
        self.assertEqual((command.nice, command.umask, command.grace), (3, 0o77, 2.0))


class Folders(SynchronousTestCase):
    def test_systemds_then_the_states_then_a_short_one(self) -> None:
        state = Path("/var/lib/hangerd")
        self.assertEqual(
            find_runtime_dir(state, {"RUNTIME_DIRECTORY": "/run/a:/run/b"}), Path("/run/a")
        )
        self.assertEqual(find_runtime_dir(state, {}), state / "run")
        deep = find_runtime_dir(Path("/" + "x" * 100), {})
        self.assertLess(len(str(deep)), 80)
        self.assertNotEqual(deep, find_runtime_dir(Path("/" + "y" * 100), {}))

    def test_a_private_folder_is_ours_alone(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir(mode=0o755)
        make_private(folder)
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        self.patch(os, "getuid", lambda: 12345)
        self.assertRaises(PermissionError, make_private, folder)
