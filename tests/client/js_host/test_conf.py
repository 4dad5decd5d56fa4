"""Tests of `hangerd.client.js_host.conf`."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, ClassVar

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.js_host.conf import Settings
from hangerd.client.js_host.exceptions import ConfigError, ConfigurationError


class Quiet(Settings):
    """Settings that note that they would connect."""

    connected: ClassVar[int] = 0

    def _connect(self) -> None:
        self._set(connected=self.connected + 1)


class SettingsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.settings: Any = Quiet()

    def test_defaults(self) -> None:
        found = {name: getattr(self.settings, name) for name in Settings.__annotations__}
        self.assertEqual(
            found,
            {
                "SOURCE_ROOT": str(Path.cwd()),
                "CONFIG_FILE": "host.config.js",
                "USE_MANAGER": False,
                "PATH_TO_NODE": "node",
                "PATH_TO_BIN": "node_modules/js-host/bin/js-host.js",
                "FUNCTION_TIMEOUT": 10.0,
                "CONNECT_ONCE_CONFIGURED": True,
                "ROOT_URL": None,
                "VERBOSITY": 200,
            },
        )

    def test_once_and_by_configure_alone(self) -> None:
        self.settings.configure(USE_MANAGER=True)
        self.assertIs(self.settings.USE_MANAGER, True)
        self.assertEqual(self.settings.connected, 1)
        with self.assertRaises(ConfigurationError):
            self.settings.configure(USE_MANAGER=False)
        with self.assertRaises(ConfigurationError):
            self.settings.USE_MANAGER = False
        self.assertIs(self.settings.USE_MANAGER, True)

    def test_connecting_may_wait(self) -> None:
        self.settings.configure(CONNECT_ONCE_CONFIGURED=False)
        self.assertEqual(self.settings.connected, 0)

    def test_an_unknown_setting_is_warned_about(self) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.settings.configure(USE_MANGER=True)
        self.assertEqual([str(one.message) for one in caught], ["Unknown setting USE_MANGER"])
        self.assertFalse(hasattr(self.settings, "USE_MANGER"))

    def test_a_root_url_that_cannot_be_meant(self) -> None:
        for values in (
            {"ROOT_URL": "http://127.0.0.1:8000", "USE_MANAGER": True},
            {"ROOT_URL": "http://127.0.0.1:8000/"},
        ):
            with self.assertRaises(ConfigError):
                self.settings.configure(**values)
            self.assertIsNone(self.settings.ROOT_URL)
        self.settings.configure(ROOT_URL="http://127.0.0.1:8000")
        self.assertEqual(self.settings.get_root_url(), "http://127.0.0.1:8000")

    def test_paths_begin_at_the_source_root(self) -> None:
        root = Path(self.mktemp()).absolute()
        self.settings.configure(SOURCE_ROOT=str(root), PATH_TO_BIN="not/there.js")
        self.assertEqual(self.settings.get_path_to_bin(), str(root / "not/there.js"))
        with self.assertRaisesRegex(ConfigError, f"Source root {root} does not exist"):
            self.settings.get_source_root()
        with self.assertRaisesRegex(ConfigError, f"Config file {root}/host.config.js does not"):
            self.settings.get_config_file()
        root.mkdir()
        (root / "host.config.js").write_text("")
        self.assertEqual(self.settings.get_source_root(), str(root))
        self.assertEqual(self.settings.get_config_file(), str(root / "host.config.js"))

    def test_a_node_that_is_not_there(self) -> None:
        self.settings.configure(PATH_TO_NODE="no-such-node")
        with self.assertRaisesRegex(ConfigError, 'Executable "no-such-node" does not exist'):
            self.settings.get_path_to_node()
