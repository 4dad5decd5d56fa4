"""Tests of `hangerd.config` and `hangerd.quantities`."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import DEFAULT_ADMIN, DEFAULT_PORT, CorsSettings, Settings, load_settings
from hangerd.errors import SettingsError
from hangerd.quantities import parse_size


class ConfigTestCase(SynchronousTestCase):
    def file(self, text: str | bytes) -> Path:
        path = Path(self.mktemp())
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def load(self, text: str = "", **flags: Any) -> Settings:
        return load_settings(flags, self.file(text))

    def refused(self, text: str | bytes = "", **flags: Any) -> SettingsError:
        self.last = self.file(text)
        with self.assertRaises(SettingsError) as caught:
            load_settings(flags, self.last)
        error: SettingsError = caught.exception
        return error


class LoadTests(ConfigTestCase):
    def test_nothing_told(self) -> None:
        settings = load_settings({}, None)
        self.assertEqual(settings, Settings())
        self.assertEqual((settings.port, settings.admin), ((DEFAULT_PORT,), DEFAULT_ADMIN))
        self.assertIsNone(settings.root)

    def test_a_file(self) -> None:
        settings = self.load(
            'port = ["tcp:1", "unix:/x"]\nroot = "/srv"\nshutdown_timeout = 2\n'
            '[slots]\nread_hop = 0\nmax_body = "64K"\nttl_open = 60.5\n'
            '[cors]\norigins = ["https://a.example", "null"]\n'
            '[http]\ntrusted_proxies = ["unix"]\nmax_connections = 5\n'
        )
        self.assertEqual(settings.port, ("tcp:1", "unix:/x"))
        self.assertEqual(settings.root, Path("/srv"))
        self.assertEqual(settings.shutdown_timeout, 2.0)
        self.assertEqual(settings.slots.read_hop, 0.0)
        self.assertEqual((settings.slots.max_body, settings.slots.ttl_open), (65536, 60.5))
        self.assertEqual(settings.cors.origins, ("https://a.example", "null"))
        self.assertEqual(settings.http.trusted_proxies, ("unix",))

    def test_settings_by_folder(self) -> None:
        settings = self.load(
            "[scripts]\ntimeout = 9\ncompress = true\n"
            '[scripts.folders."a/b/"]\noutput = "html"\nmax_body = "1K"\ncompress = false\n'
            '[scripts.folders.a]\noutput = "text"\ntimeout = 0\nconcurrency = 2\nmax_message = 7\n'
        )
        of = settings.scripts.by_folder("/root")
        told = [
            (s.output, s.timeout, s.concurrency) for s in map(of, ("/root/x.py", "/root/ab.py"))
        ]
        self.assertEqual(told, [("auto", 9, None)] * 2)
        outer, inner = of("/root/a/x.py"), of("/root/a/b/c/x.py")
        self.assertEqual((outer.output, outer.timeout, outer.concurrency), ("text", None, 2))
        self.assertEqual((outer.message, outer.body), (7, 2 * 1024**2))
        self.assertEqual((inner.output, inner.timeout, inner.body), ("html", None, 1024))
        self.assertEqual((outer.compress, inner.compress), (True, False))

    def test_flags_win(self) -> None:
        settings = self.load('port = ["tcp:1"]\nlog_format = "json"', port=["tcp:2"], root="/r")
        self.assertEqual(settings.port, ("tcp:2",))
        self.assertEqual((settings.root, settings.log_format), (Path("/r"), "json"))

    def test_frozen(self) -> None:
        for part in (Settings(), Settings().slots, Settings().http, Settings().cors):
            first = fields(part)[0].name
            self.assertRaises(FrozenInstanceError, setattr, part, first, 1)

    def test_every_default_passes_its_own_check(self) -> None:
        """Each number, written into a file as it is, is taken."""
        for name in ("slots", "http", "cors"):
            part = getattr(Settings(), name)
            assert is_dataclass(part)
            for item in fields(part):
                value = getattr(part, item.name)
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    self.assertEqual(self.load(f"[{name}]\n{item.name} = {value}"), Settings())


class RefusalTests(ConfigTestCase):
    def test_unknown_keys(self) -> None:
        for text, key, remedy in (
            ("log_formt = 'x'", "log_formt", "did you mean log_format?"),
            ("[slots]\nmax_bodi = 1", "slots.max_bodi", "did you mean max_body?"),
            ("[htpp]\nx = 1", "htpp", "did you mean http?"),
            ("[cors]\nzzz = 1", "cors.zzz", "known here are credentials, origins"),
            (
                "[scripts.folders.a]\nouput = 'text'",
                "scripts.folders.a.ouput",
                "did you mean output?",
            ),
        ):
            error = self.refused(text)
            self.assertEqual(error.message, f"{self.last}: {key} is not a setting")
            self.assertEqual(error.remedy, remedy)

    def test_bad_values(self) -> None:
        for text, key in (
            ("port = []", "port"),
            ("port = 'tcp:1'", "port"),
            ("shutdown_timeout = 0", "shutdown_timeout"),
            ("shutdown_timeout = '4'", "shutdown_timeout"),
            ("shutdown_timeout = nan", "shutdown_timeout"),
            ("shutdown_timeout = inf", "shutdown_timeout"),
            ("log_format = 'xml'", "log_format"),
            ("debug = 1", "debug"),
            ("slots = 1", "slots"),
            ("[slots]\nmax_slots = 0", "slots.max_slots"),
            ("[slots]\nmax_slots = 1.5", "slots.max_slots"),
            ("[slots]\nmax_body = '1T'", "slots.max_body"),
            ("[slots]\nread_hop = -1", "slots.read_hop"),
            ("[http]\ntrusted_proxies = [1]", "http.trusted_proxies.0"),
            ("[scripts]\nwebsocket_origins = ['a']", "scripts.websocket_origins.0"),
            ("[scripts.folders.a]\nconcurrency = 0", "scripts.folders.a.concurrency"),
            ("[scripts.folders.'/a']", "scripts.folders./a.[key]"),
            ("[scripts.folders.'a/../b']", "scripts.folders.a/../b.[key]"),
            ("[scripts.folders.'']", "scripts.folders..[key]"),
        ):
            error = self.refused(text)
            self.assertTrue(error.message.startswith(f"{self.last}: {key}: "), error.message)
            self.assertIn("etc/hangerd.toml", error.remedy)

    def test_bad_flags_are_named_as_flags(self) -> None:
        error = self.refused('log_format = "text"', log_format="xml")
        self.assertTrue(error.message.startswith("--log-format: "), error.message)

    def test_credentials_are_for_named_origins(self) -> None:
        for origins in ('["*"]', '["https://a.example", "null"]', '["null"]'):
            error = self.refused(f"[cors]\norigins = {origins}\ncredentials = true")
            self.assertIn("cors", error.message)
            self.assertIn('neither "*" nor "null"', error.message)
        self.assertIn("not both", self.refused('[cors]\norigins = ["*", "null"]').message)
        CorsSettings(("https://a.example",), credentials=True)

    def test_origins_are_as_browsers_write_them(self) -> None:
        for told in ("HTTPS://School.Example:8443", "null", "*", "http://[::1]:80", "x-ext://ab_c"):
            self.assertEqual(CorsSettings((told,)).origins, (told.lower(),))
        for bad in (
            "https://a.example/",
            "https://a.example/x",
            "a.example",
            "https://",
            "https://a.example:",
            "https://a.example:x",
            "https://bücher.example",
            "https://u@a.example",
            "https://*.a.example",
            " https://a.example",
            "https://a.example\\n",
            "NULL",
            "",
        ):
            error = self.refused(f'[cors]\norigins = ["{bad}"]')
            self.assertIn("is no origin", error.message)
            self.assertIn("cors", error.message)

    def test_unreadable(self) -> None:
        path = Path(self.mktemp())
        error = self.assertRaises(SettingsError, load_settings, {}, path)
        self.assertEqual(error.message, f"cannot read {path}: No such file or directory")
        path.mkdir()
        error = self.assertRaises(SettingsError, load_settings, {}, path)
        self.assertIn("directory", error.message)

    def test_not_toml(self) -> None:
        for text in (b"x = ", b"\xff = 1", b"[a", b"a = 1\na = 2"):
            error = self.refused(text)
            self.assertTrue(error.message.startswith(f"{self.last} is not TOML"), error.message)


class SizeTests(SynchronousTestCase):
    def test_sizes(self) -> None:
        for text, size in (
            ("0", 0),
            ("17", 17),
            ("64K", 65536),
            ("64 k", 65536),
            (" 1M ", 1024**2),
            ("2MiB", 2 * 1024**2),
            ("3GB", 3 * 1024**3),
            ("5B", 5),
        ):
            self.assertEqual(parse_size(text), size)

    def test_what_is_no_text_is_left_to_others(self) -> None:
        for value in (5, 1.5, None, ("5",)):
            self.assertIs(parse_size(value), value)

    def test_no_sizes(self) -> None:
        for text in ("", "K", "-1", "1.5M", "1T", "1 M B", "one"):
            self.assertRaises(ValueError, parse_size, text)

    @given(st.text(max_size=10))
    def test_any(self, text: str) -> None:
        try:
            self.assertGreaterEqual(int(str(parse_size(text))), 0)
        except ValueError as error:
            self.assertIn("64K", str(error))
