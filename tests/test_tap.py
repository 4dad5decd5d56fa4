"""Tests of `hangerd.tap`: what is wrong is said in one line, and all parts are connected."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import Settings
from hangerd.errors import SettingsError
from hangerd.hosts.spec import parse_spec
from hangerd.options import Options, refuse_start
from hangerd.tap import compose
from tests.web.harness import Daemon


class TapTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.stderr, self.stdout = io.StringIO(), io.StringIO()
        self.patch(sys, "__stderr__", self.stderr)
        self.patch(sys, "stdout", self.stdout)

    def parse(self, *flags: str) -> Options:
        options = Options()
        options.parseOptions(list(flags))
        return options

    def file(self, text: str = "") -> str:
        path = Path(self.mktemp())
        path.write_text(text)
        return str(path)

    def refused(self, *flags: str) -> str:
        """Parse what is wrong; returns the one line that says so."""
        with self.assertRaises(SystemExit) as caught:
            self.parse(*flags)
        self.assertEqual(caught.exception.code, 1)
        [line] = self.stderr.getvalue().splitlines()
        self.stderr.truncate(0)
        self.stderr.seek(0)
        self.assertTrue(line.startswith("hangerd: "), line)
        self.assertEqual(self.stdout.getvalue(), "")
        return line


class OptionsTests(TapTestCase):
    def test_nothing_told(self) -> None:
        self.assertEqual(self.parse().settings, Settings())

    def test_every_flag(self) -> None:
        flags = ["--port", "tcp:1", "--port=unix:/x", "--admin", "none", "--root", "/r", "--debug"]
        flags += ["--state-dir", "/s", "--control-token-file", "/t", "--ready-file", "/f"]
        flags += ["--log-format", "json", "--config", self.file("shutdown_timeout = 1")]
        self.assertEqual(
            self.parse(*flags).settings,
            Settings(
                port=("tcp:1", "unix:/x"),
                admin="none",
                root=Path("/r"),
                debug=True,
                state_dir=Path("/s"),
                control_token_file=Path("/t"),
                ready_file=Path("/f"),
                log_format="json",
                shutdown_timeout=1.0,
            ),
        )

    def test_flags_win(self) -> None:
        config = self.file('port = ["tcp:1"]\ndebug = true\nlog_format = "json"')
        settings = self.parse("--config", config, "--port", "tcp:2").settings
        self.assertEqual((settings.port, settings.debug), (("tcp:2",), True))
        self.assertEqual(settings.log_format, "json")

    def test_two_daemons_do_not_share_their_ports(self) -> None:
        self.parse("--port", "tcp:1")
        self.assertEqual(self.parse("--port", "tcp:2").settings.port, ("tcp:2",))

    def test_wrong_flags(self) -> None:
        for flags, named in (
            (("--prot", "x"), "prot"),
            (("--port",), "port"),
            (("--log-format", "xml"), "--log-format"),
            (("argument",), "argument"),
        ):
            line = self.refused(*flags)
            self.assertIn(named, line)
            self.assertIn("; see ", line)

    def test_wrong_files(self) -> None:
        missing = self.mktemp()
        self.assertIn(f"cannot read {missing}", self.refused("--config", missing))
        for text, named in (("x = ", "not TOML"), ("prot = 1", "prot"), ("debug = 1", "debug")):
            config = self.file(text)
            line = self.refused("--config", config)
            self.assertIn(config, line)
            self.assertIn(named, line)

    def test_version(self) -> None:
        with self.assertRaises(SystemExit) as caught:
            self.parse("--version")
        self.assertEqual(caught.exception.code, 0)
        self.assertEqual(self.stdout.getvalue(), f"hangerd {version('hangerd')}\n")

    def test_help_tells_of_every_flag_and_its_default(self) -> None:
        told = str(self.parse())
        for flag in ("port", "admin", "root", "config", "state-dir", "ready-file", "log-format"):
            self.assertIn(f"--{flag}=", told)
        self.assertIn(Settings().port[0], told.replace("\n", "").replace(" ", ""))


class LogTests(TapTestCase):
    def options(self, **twistd: Any) -> Options:
        options = self.parse()
        # As twistd does, with its own options.
        options.parent = cast(Any, twistd)
        return options

    def test_to_standard_output_in_the_foreground(self) -> None:
        self.assertIsNotNone(self.options(nodaemon=True).log())

    def test_to_twistds_file(self) -> None:
        path = Path(self.mktemp())
        self.assertIsNotNone(self.options(logfile=str(path)).log())
        self.assertTrue(path.exists())

    def test_not_ours_when_twistd_was_told_of_another(self) -> None:
        for twistd in ({"logger": "x.y"}, {"syslog": True}):
            self.assertIsNone(self.options(**twistd).log())


class ComposeTests(TapTestCase):
    def compose(self, **settings: Any) -> MemoryReactorClock:
        reactor = MemoryReactorClock()
        settings.setdefault("calls", "none")  # its folder would be left behind
        state_dir = settings.pop("state_dir", None) or Path(self.mktemp())
        service: Any = compose(reactor, Settings(state_dir=state_dir, **settings), {})
        service.privilegedStartService()
        service.startService()
        return reactor

    def state_dir(self) -> Path:
        """One with a path that is short enough for sockets."""
        state_dir = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, state_dir)
        return state_dir

    def ports(self, reactor: MemoryReactorClock) -> list[tuple[int, str]]:
        return [(port, interface) for port, _, _, interface in reactor.tcpServers]

    def test_two_doors(self) -> None:
        self.assertEqual(self.ports(self.compose()), [(9095, "127.0.0.1"), (9096, "127.0.0.1")])

    def test_as_told(self) -> None:
        state_dir = self.state_dir()
        ports = ("tcp:1", "unix:/x", "tcp:2")
        reactor = self.compose(state_dir=state_dir, port=ports, admin="none", calls="unix:/calls")
        self.assertEqual(self.ports(reactor), [(1, ""), (2, "")])
        self.assertEqual(
            [server[0] for server in reactor.unixServers],
            ["/x", "/calls", str(state_dir / "run" / "http")],
        )

    def test_where_hosts_are_called(self) -> None:
        self.assertEqual(self.compose(calls="none").unixServers, [])
        state_dir = self.state_dir()
        servers = self.compose(state_dir=state_dir, calls=None).unixServers
        run = str(state_dir / "run")
        self.assertEqual(
            [(server[0], server[3]) for server in servers],
            [(f"{run}/calls", 0o600), (f"{run}/http", 0o600)],
        )
        self.assertEqual((state_dir / "run").stat().st_mode & 0o777, 0o700)

    def test_hosts_of_the_settings(self) -> None:
        told = {"kind": "js", "path": "x.js", "listen": "tcp:9009"}
        reactor = self.compose(hosts={"js": parse_spec("js", told, Path("/"))})
        self.assertIn((9009, ""), self.ports(reactor))

    def test_a_root(self) -> None:
        root = Path(self.mktemp())
        root.mkdir()
        (root / "file.txt").write_text("hello")
        daemon = Daemon(self, settings=Settings(root=root))
        self.addCleanup(daemon.service.stopService)
        self.assertEqual(daemon.ask("GET", "/hanger/").status, 404)
        self.assertEqual(daemon.ask("GET", "/none.txt").status, 404)

    def test_unusable_settings(self) -> None:
        taken, token = Path(self.mktemp()), Path(self.mktemp())
        self.compose(state_dir=taken)
        token.write_text("short")
        for settings, named in (
            ({"port": ("tcp:x",)}, "--port tcp:x"),
            ({"admin": "nonsense:"}, "--admin nonsense:"),
            ({"root": Path("/none/such")}, "--root /none/such"),
            ({"state_dir": taken}, str(taken)),
            ({"control_token_file": token}, str(token)),
        ):
            error = self.assertRaises(SettingsError, self.compose, **settings)
            self.assertIn(named, error.message)
            self.assertTrue(error.remedy)

    def test_stops_in_order(self) -> None:
        service: Any = Daemon(self).service
        self.assertEqual(
            [one.name for one in service._stop_order],
            [
                *("ready", "token file", "lag", "dashboard", "slots"),
                *("js-host doors", "hosts", "http", "state"),
            ],
        )

    def test_stopped_it_gives_its_state_directory_back(self) -> None:
        daemon = Daemon(self)
        self.successResultOf(daemon.service.stopService())
        self.compose(state_dir=daemon.settings.state_dir)

    def test_what_is_refused_is_one_line(self) -> None:
        with self.assertRaises(SystemExit) as caught:
            refuse_start(SettingsError("something is wrong", "mend it"))
        self.assertEqual(caught.exception.code, 1)
        self.assertEqual(self.stderr.getvalue(), "hangerd: something is wrong; mend it\n")


class ReactorTests(SynchronousTestCase):
    def test_importing_chooses_no_reactor(self) -> None:
        """Not even the plugin: twistd's --reactor comes later."""
        code = (
            "import runpy, sys; runpy.run_path('twisted/plugins/hangerd_plugin.py'); "
            "print('twisted.internet.reactor' in sys.modules)"
        )
        root = Path(__file__).parent.parent
        found = subprocess.run(
            [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
        )
        self.assertEqual(found.stdout.strip(), "False")
