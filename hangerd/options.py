"""What twistd's command line says to the daemon, and how a start is refused."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from twisted.python import usage

from hangerd.config import DEFAULT_ADMIN, DEFAULT_PORT, Settings, load_settings
from hangerd.errors import SettingsError
from hangerd.logs import DaemonLog, daemon_log, open_log


class StartRefused(SystemExit, Exception):
    """Ends the process with status 1.

    It is an Exception too, since twistd tells only of those whoever waits for a daemon to start
    in the background; for everything else he would wait for ever.
    """

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.code = 1


def refuse_start(error: SettingsError) -> NoReturn:
    """End the process with one line about what is wrong and what to do."""
    # twistd has redirected sys.stderr into the log by the time that a port turns out to be taken.
    line = f"hangerd: {error.message}; {error.remedy}"
    print(line, file=sys.__stderr__, flush=True)
    raise StartRefused(line)


class Options(usage.Options):
    """What `twistd hangerd` can be told. Each flag is a setting; flags win over --config."""

    synopsis = "[options]"
    optParameters = [  # noqa: RUF012 (read by usage.Options)
        ["admin", None, None, f'Where the operator comes in; "none" for nowhere [{DEFAULT_ADMIN}]'],
        [
            "calls",
            None,
            None,
            'Where programs call hosts; "none" for nowhere [in the state directory]',
        ],
        ["root", None, None, "Serve this folder; without it there are no files"],
        ["config", None, None, "A TOML file of settings (see etc/hangerd.toml)"],
        ["state-dir", None, None, "Where the daemon keeps what outlives it"],
        ["idle-exit", None, None, "End when nobody has used it for so many seconds [never]", float],
        ["control-token-file", None, None, "The token of who may control the daemon"],
        ["ready-file", None, None, "Write pid and addresses here, as JSON, when all listen"],
        ["log-format", None, None, '"text" or "json" [text]'],
    ]
    optFlags = [  # noqa: RUF012
        ["debug", None, "Log more, and show errors to visitors"],
        ["print-link", None, "Print a link that opens the dashboard, signed in"],
    ]

    def __init__(self) -> None:
        super().__init__()
        self._ports: list[str] = []
        self.settings = Settings()

    def parseArgs(self, *words: str) -> None:
        """Refuse what is no flag."""
        if words:
            raise usage.UsageError(f"{words[0]} is no flag")

    def opt_port(self, endpoint: str) -> None:
        """Listen for the public here, in Twisted's notation; may be repeated."""
        self._ports.append(endpoint)

    opt_port.__doc__ = f"Listen for the public on this endpoint; repeatable [{DEFAULT_PORT}]"

    def opt_version(self) -> NoReturn:
        """Say hangerd's version."""
        print("hangerd", version("hangerd"))
        raise SystemExit(0)

    def parseOptions(self, options: Any = None) -> None:
        """Read the flags and the file they name, or say what is wrong with them."""
        try:
            super().parseOptions(options)
            self.settings = load_settings(self._flags(), self.config)
        except usage.UsageError as error:
            refuse_start(SettingsError(str(error), "see twistd hangerd --help"))
        except SettingsError as error:
            refuse_start(error)

    def set_further(self, settings: Mapping[str, Any]) -> None:
        """Take settings that have no flag here, by name; a table is a mapping of its own.

        Raises:
            SettingsError: one of them is out of bounds.
        """
        self.settings = load_settings({**self._flags(), **settings}, self.config)

    def _flags(self) -> dict[str, Any]:
        flags = {name.replace("-", "_"): value for name, value in self.items() if value}
        flags.pop("config", None)
        flags |= dict.fromkeys(flags.keys() & {"debug", "print_link"}, True)
        return flags | ({"port": self._ports} if self._ports else {})

    def log(self) -> DaemonLog | None:
        """Our log, unless twistd was told of another with --logger or --syslog."""
        twistd = getattr(self, "parent", None) or {}
        if twistd.get("logger") or twistd.get("syslog"):
            return None
        path = twistd.get("logfile") or ("" if twistd.get("nodaemon") else "twistd.log")
        settings = self.settings
        out = open_log(path, sys.stdout)
        return daemon_log(out, settings.log_format, debug=settings.debug)

    @property
    def config(self) -> Path | None:
        """The file that --config names."""
        return Path(self["config"]) if self["config"] else None
