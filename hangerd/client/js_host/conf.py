"""js-host's settings: configured once, by keyword; read as attributes.

The one object `settings` is what js-host promises; everything else here takes it as it is then.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

from hangerd.client.js_host.exceptions import ConfigError, ConfigurationError
from hangerd.client.js_host.utils import verbosity


class Settings:
    """The settings with their defaults, until `configure` is called."""

    SOURCE_ROOT: str
    """The folder in which a relative CONFIG_FILE begins; at first the working directory."""
    CONFIG_FILE: str = "host.config.js"
    USE_MANAGER: bool = False
    """Whether a hangerd is found or started, and runs the host."""
    PATH_TO_NODE: str = "node"
    PATH_TO_BIN: str = "node_modules/js-host/bin/js-host.js"
    """Accepted and not used: hangerd brings what runs a host.config.js."""
    FUNCTION_TIMEOUT: float = 10.0
    """Seconds that a function may take, and every other request."""
    CONNECT_ONCE_CONFIGURED: bool = True
    ROOT_URL: str | None = None
    """Where a running host is, instead of the address and port of the config."""
    VERBOSITY: int = verbosity.PROCESS_START

    def __init__(self) -> None:
        self._set(SOURCE_ROOT=str(Path.cwd()), configured=False)

    def _set(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        raise ConfigurationError(f"{name} is set by `settings.configure({name}=...)`, once")

    @property
    def is_configured(self) -> bool:
        """Whether `configure` was called."""
        return bool(self.__dict__["configured"])

    def configure(self, **values: Any) -> None:
        """Set what differs from the defaults, and connect unless CONNECT_ONCE_CONFIGURED is false.

        Raises ConfigurationError the second time, ConfigError, and what connecting raises.
        """
        if self.is_configured:
            raise ConfigurationError("the settings of js_host have been configured already")
        known = {name: values[name] for name in values if name in Settings.__annotations__}
        for name in sorted(values.keys() - known.keys()):
            warnings.warn(f"Unknown setting {name}", stacklevel=2)
        merged = {name: getattr(self, name) for name in ("ROOT_URL", "USE_MANAGER")} | known
        _check_root_url(merged["ROOT_URL"], use_manager=merged["USE_MANAGER"])
        self._set(**known, configured=True)
        if self.CONNECT_ONCE_CONFIGURED:
            self._connect()

    def _connect(self) -> None:
        """Let what is wrong with the connection be known now, not at the first call."""
        from hangerd.client.js_host.host import host

        if not host.has_connected:
            host.connect()

    def get_path_to_node(self) -> str:
        """Return the path of Node. Raises ConfigError."""
        from hangerd.hosts.errors import LaunchError
        from hangerd.hosts.runners.find import find_node

        named = None if self.PATH_TO_NODE == Settings.PATH_TO_NODE else self.PATH_TO_NODE
        try:
            return find_node(named, os.environ.get("PATH", os.defpath))
        except LaunchError as error:
            raise ConfigError(
                f'Executable "{self.PATH_TO_NODE}" does not exist. {error.remedy} '
                "Or define the PATH_TO_NODE setting in js_host.conf.settings"
            ) from None

    def get_source_root(self) -> str:
        """Return SOURCE_ROOT. Raises ConfigError when it is no folder."""
        if not Path(self.SOURCE_ROOT).is_dir():
            raise ConfigError(
                f"Source root {self.SOURCE_ROOT} does not exist or is not a directory"
            )
        return str(self.SOURCE_ROOT)

    def get_path_to_bin(self) -> str:
        """Return PATH_TO_BIN, whole; nothing uses it, and it need not be there."""
        return str(Path(self.SOURCE_ROOT, self.PATH_TO_BIN))

    def get_config_file(self) -> str:
        """Return the path of the config file, whole. Raises ConfigError when it is not there."""
        path = Path(self.SOURCE_ROOT, self.CONFIG_FILE)
        if not path.is_file():
            raise ConfigError(f"Config file {path} does not exist")
        return str(path)

    def get_root_url(self) -> str | None:
        """Return ROOT_URL."""
        return self.ROOT_URL


def _check_root_url(root_url: str | None, *, use_manager: bool) -> None:
    if not root_url:
        return
    if use_manager:
        raise ConfigError(
            "ROOT_URL can not be defined if USE_MANAGER is True: hangerd gives its hosts an address"
        )
    if root_url.endswith("/"):
        raise ConfigError(
            "ROOT_URL must not end in a slash: it is an address such as http://127.0.0.1:8000"
        )


settings = Settings()
