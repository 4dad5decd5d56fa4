"""Tests of `hangerd.cli.checks`: what each check says of what it finds."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from hangerd.cli import checks
from hangerd.client.pipes import Address
from hangerd.config import Settings


class FileTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(mode=0o700)
        self.file = self.folder / "token"

    def token(self, text: str, mode: int) -> str:
        self.file.write_text(text)
        self.file.chmod(mode)
        return checks.check_token_file(self.file).state

    def test_the_token(self) -> None:
        self.assertEqual(checks.check_token_file(self.file).state, "warn")
        self.assertEqual(self.token("x" * 16, 0o600), "ok")
        self.assertEqual(self.token("x" * 16, 0o400), "ok")
        self.assertEqual(self.token("x" * 16, 0o640), "fail")
        self.assertEqual(self.token("x" * 15 + "\n", 0o600), "fail")

    def test_folders(self) -> None:
        for mode, state in ((0o700, "ok"), (0o755, "warn"), (0o770, "fail"), (0o702, "fail")):
            self.folder.chmod(mode)
            self.assertEqual(checks.check_folder("x", self.folder).state, state, oct(mode))
        self.assertEqual(checks.check_folder("x", self.folder / "none").state, "ok")

    def test_every_trouble_has_a_remedy(self) -> None:
        self.folder.chmod(0o777)
        self.assertIn("chmod 700", checks.check_folder("x", self.folder).remedy)
        self.token("x" * 16, 0o644)
        self.assertIn("chmod 600", checks.check_token_file(self.file).remedy)

    def test_where_the_sockets_are(self) -> None:
        told = {"calls": ["unix:/run/hangerd/calls"]}
        self.assertEqual(checks.runtime_dir(told, self.folder, {}), Path("/run/hangerd"))
        short = Path("/s")
        self.assertEqual(checks.runtime_dir(None, short, {}), Path("/s/run"))
        self.assertIn("short enough", checks.check_socket_path(short, Path("/s/run")).message)
        long = Path("/" + "s" * 100)
        elsewhere = checks.runtime_dir(None, long, {})
        self.assertIn("too long", checks.check_socket_path(long, elsewhere).message)


class LimitTests(SynchronousTestCase):
    def test_open_files(self) -> None:
        held = Settings().slots.max_held
        for limit, state in ((held, "warn"), (held + 1000, "ok"), (resource.RLIM_INFINITY, "ok")):
            self.assertEqual(checks.check_files(limit, Settings(), "it").state, state)

    def test_whose_limit(self) -> None:
        limit, whose = checks.file_limit(os.getpid())
        self.assertEqual(limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        self.assertIn(str(os.getpid()), whose)
        self.assertIn("here", checks.file_limit(None)[1])


class NodeTests(SynchronousTestCase):
    def node(self, script: str) -> checks.Check:
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        program = folder / "node"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return checks.check_node(str(folder))

    def test_versions(self) -> None:
        for said, state in (
            ("echo v20.1.0", "ok"),
            ("echo v9.0.0", "warn"),
            ("echo", "warn"),
            ("exit 1", "warn"),
        ):
            self.assertEqual(self.node(said).state, state, said)


class PortTests(SynchronousTestCase):
    def test_endpoints(self) -> None:
        for endpoint, expected in (
            ("tcp:80", Address(host="0.0.0.0", port=80)),
            ("tcp:9095:interface=127.0.0.1", Address(host="127.0.0.1", port=9095)),
            ("tcp6:1:interface=\\:\\:1:backlog=5", Address(host="::1", port=1)),
            ("ssl:443:privateKey=k.pem", Address(host="0.0.0.0", port=443)),
            ("unix:/run/x", None),
            ("systemd:domain=INET:index=0", None),
            ("none", None),
        ):
            self.assertEqual(checks.tcp_of(endpoint), expected, endpoint)
