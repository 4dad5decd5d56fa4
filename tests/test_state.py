"""Tests of `hangerd.state`."""

from __future__ import annotations

import stat
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from hangerd.errors import SettingsError
from hangerd.places import default_state_dir
from hangerd.state import StateDirectory, write_private


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class DefaultTests(SynchronousTestCase):
    def test_in_order(self) -> None:
        for environ, path in (
            ({"STATE_DIRECTORY": "/var/lib/hangerd", "XDG_STATE_HOME": "/x"}, "/var/lib/hangerd"),
            ({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "/var/lib/a"),
            ({"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/hangerd"),
            (
                {"STATE_DIRECTORY": "", "XDG_STATE_HOME": "", "HOME": "/h"},
                "/h/.local/state/hangerd",
            ),
            ({}, "/.local/state/hangerd"),
        ):
            self.assertEqual(default_state_dir(environ), Path(path))


class LockTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp()) / "deep" / "state"
        self.state = StateDirectory(self.path)
        self.addCleanup(self.state.unlock)

    def test_made_for_us_alone(self) -> None:
        self.state.lock()
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o700)

    def test_one_daemon_only(self) -> None:
        self.state.lock()
        second = StateDirectory(self.path)
        error = self.assertRaises(SettingsError, second.lock)
        self.assertIn(str(self.path), error.message)
        self.assertIn("--state-dir", error.remedy)
        self.state.unlock()
        second.lock()
        second.unlock()
        second.unlock()

    def test_who_was_refused_keeps_nothing_open(self) -> None:
        self.state.lock()
        before = open_files()
        self.assertRaises(SettingsError, StateDirectory(self.path).lock)
        self.assertEqual(open_files(), before)

    def test_unusable(self) -> None:
        file = Path(self.mktemp())
        file.write_text("")
        for path in (file, file / "below"):
            error = self.assertRaises(SettingsError, StateDirectory(path).lock)
            self.assertTrue(error.message.startswith(f"cannot use the state directory {path}"))


class ControlTokenTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.path.mkdir()
        self.state = StateDirectory(self.path)

    def file(self, data: bytes) -> Path:
        path = Path(self.mktemp())
        path.write_bytes(data)
        return path

    def test_made_once_and_private(self) -> None:
        token = self.state.control_token()
        self.assertGreaterEqual(len(token), 43)
        self.assertEqual(self.state.control_token(), token)
        mode = (self.path / "control-token").stat().st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        other = Path(self.mktemp())
        other.mkdir()
        self.assertNotEqual(StateDirectory(other).control_token(), token)

    def test_from_a_file(self) -> None:
        file = self.file(b"  sixteen-letters!\n")
        self.assertEqual(self.state.control_token(file), "sixteen-letters!")
        self.assertEqual(list(self.path.iterdir()), [])

    def test_refused(self) -> None:
        for data, word in ((b"short", "shorter"), (b"", "shorter"), (b"\xff" * 20, "plain text")):
            file = self.file(data)
            error = self.assertRaises(SettingsError, self.state.control_token, file)
            self.assertIn(str(file), error.message)
            self.assertIn(word, error.message)
            self.assertTrue(error.remedy)

    def test_missing(self) -> None:
        missing = self.path / "missing"
        error = self.assertRaises(SettingsError, self.state.control_token, missing)
        self.assertIn("No such file", error.message)
        self.assertIn("--control-token-file", error.remedy)


class WritePrivateTests(SynchronousTestCase):
    def test_replaces_whole_and_leaves_nothing_else(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        file = folder / "file"
        for text in ("long text", "short"):
            write_private(file, text)
            self.assertEqual(file.read_text(), text)
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual([path.name for path in folder.iterdir()], ["file"])
