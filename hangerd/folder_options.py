"""What `python -m hangerd DIR` can be told: httpout's options, as settings of ours or refused.

Each option of httpout's is either a setting here, or refused by a line that names what to do.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NoReturn

from twisted.internet.endpoints import quoteStringArgument

from hangerd.errors import SettingsError
from hangerd.places import default_state_dir

SETTINGS: Final[Mapping[str, tuple[str, str, type, str]]] = {
    "thread-pool-size": ("scripts", "threads", int, "scripts that run at once"),
    "max-queue-size": ("scripts", "queue", int, "visitors that may wait for a thread"),
    "client-max-body-size": ("scripts", "max_body", int, "bytes that a script may be sent"),
    "ws-max-payload-size": ("scripts", "max_message", int, "bytes of a websocket's message"),
    "app-handler-timeout": ("scripts", "timeout", float, "seconds without output or input"),
    "keepalive-timeout": ("http", "idle_timeout", float, "seconds that an idle connection stays"),
    "shutdown-timeout": ("", "shutdown_timeout", float, "seconds that a stop takes at most"),
}
"""Options that are a setting: its table, its name, its type, and what it is."""

PASSED: Final[Mapping[str, str]] = {
    "admin": "where the operator comes in [nowhere]",
    "calls": "where programs call hosts [nowhere]",
    "config": "a TOML file of settings (see etc/hangerd.toml)",
    "control-token-file": "the token of who may control the daemon",
    "log-format": "text or json",
    "ready-file": "written when all listen",
    "state-dir": "where the daemon keeps what outlives it [one for each folder]",
}
"""Options of `twistd hangerd` that are the same here."""

_HELP: Final = "see python -m hangerd --help"
_UNNEEDED: Final = "leave it out"
_BY_NGINX: Final = "let a proxy before hangerd do it (see etc/nginx.conf)"
REFUSED: Final[Mapping[str, str]] = {
    "worker-num": "one process serves all: set --thread-pool-size",
    "limit-memory": "give what may grow a host of its own, with memory_limit",
    "directory-index": "name the file index.py or index.html",
    "log-level": "use --debug for more",
    "log-fmt": "use --log-format text or json",
    "loop": "use twistd --reactor=NAME -n --pidfile= hangerd --root DIR",
    "download-rate": _BY_NGINX,
    "upload-rate": _BY_NGINX,
    "root-path": _BY_NGINX,
    "server-name": _BY_NGINX,
    "buffer-size": _UNNEEDED,
    "client-max-header-size": _UNNEEDED,
    "experimental": _UNNEEDED,
    "request-timeout": "use --keepalive-timeout",
    "keepalive-connections": "set max_connections under [http] in a file for --config",
    "app-close-timeout": "use --shutdown-timeout",
    "backlog": "use twistd hangerd --port tcp:PORT:backlog=N",
}
"""Options of httpout's that mean nothing here, and what to do instead."""


@dataclass(frozen=True)
class FolderOptions:
    """`flags` for `twistd hangerd`, and settings by table that have no flag."""

    flags: tuple[str, ...]
    tables: Mapping[str, Any] = field(default_factory=dict)


class _Parser(argparse.ArgumentParser):
    """Raises what it has to say."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(message, _HELP)


def read_folder_options(words: Sequence[str], environ: Mapping[str, str]) -> FolderOptions:
    """Understand a command line. Ends the process for --help and --version.

    Raises:
        SettingsError: something is unknown, refused or malformed.
    """
    for word in words:
        name = word.removeprefix("--").partition("=")[0]
        if word.startswith("--") and name in REFUSED:
            raise SettingsError(f"--{name} is not an option here", REFUSED[name])
    told, unknown = _parser().parse_known_args(words)
    if unknown:
        what = "option" if unknown[0].startswith("-") else "argument"
        raise SettingsError(f'Unrecognized {what} "{unknown[0]}"', _HELP)
    if told.folder is None:
        raise SettingsError("DIR is missing", _HELP)
    folder = Path(told.folder)
    if not folder.is_dir():
        raise SettingsError(f"{folder} is no folder", "name one that exists")
    flags = [f"--root={folder}"]
    flags += [f"--port={endpoint}" for endpoint in _endpoints(told)]
    state = default_state_dir(environ) / "folders" / _name_of(folder)
    passed = {"admin": "none", "calls": "none", "state-dir": str(state)}
    for name in PASSED:
        if (value := getattr(told, name.replace("-", "_")) or passed.get(name)) is not None:
            flags.append(f"--{name}={value}")
    return FolderOptions((*flags, *(["--debug"] if told.debug else [])), _tables(told))


def _parser() -> _Parser:
    name = "python -m hangerd"
    parser = _Parser(
        name, f"{name} [OPTIONS] DIR", description="Serve a folder.", allow_abbrev=False
    )
    add = parser.add_argument
    add("folder", metavar="DIR", nargs="?", help="the folder whose scripts and files are served")
    add("--host", default="127.0.0.1", help="the address to listen on [%(default)s]")
    add("--port", type=int, default=8000, help="the port to listen on [%(default)s]")
    add("--bind", help="instead: HOST:PORT or the path of a socket; more after commas")
    add("--ssl-cert", help="serve https with this certificate (PEM)")
    add("--ssl-key", help="and this key (PEM)")
    for name, (_, _, kind, meaning) in SETTINGS.items():
        add(f"--{name}", type=kind, metavar="N", help=meaning)
    for name, meaning in PASSED.items():
        add(f"--{name}", help=meaning)
    add("--no-ws", action="store_true", help="let scripts have no websockets")
    add("--debug", action="store_true", help="log more, and show errors to visitors")
    add("--reload", action="store_true", help="an edit is live at once in any case")
    add("--version", action="version", version=f"hangerd {version('hangerd')}")
    return parser


def _tables(told: argparse.Namespace) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for option, (table, name, _, _) in SETTINGS.items():
        value = getattr(told, option.replace("-", "_"))
        if value is not None:
            (tables.setdefault(table, {}) if table else tables)[name] = value
    if told.no_ws:
        tables.setdefault("scripts", {})["websockets"] = False
    return tables


def _endpoints(told: argparse.Namespace) -> list[str]:
    """Return where to listen, in Twisted's notation. Raises SettingsError."""
    secure = ""
    if told.ssl_cert or told.ssl_key:
        if not (told.ssl_cert and told.ssl_key):
            raise SettingsError("--ssl-cert and --ssl-key belong together", "name both")
        cert, key = quoteStringArgument(told.ssl_cert), quoteStringArgument(told.ssl_key)
        secure = f":certKey={cert}:privateKey={key}"
    if told.bind is None:
        return [_tcp(told.host, told.port, secure)]
    return [_bound(place.strip(), secure) for place in told.bind.split(",")]


def _bound(place: str, secure: str) -> str:
    host, colon, port = place.rpartition(":")
    if colon and port.isdecimal():
        return _tcp(host, int(port), secure)
    if not place or colon or secure:
        raise SettingsError(
            f'Invalid --bind value "{place}"', "write HOST:PORT, or a socket's path"
        )
    return f"unix:{quoteStringArgument(place.removesuffix('.sock'))}.sock"


def _tcp(host: str, port: int, secure: str) -> str:
    interface = quoteStringArgument(host.strip("[]"))
    return f"{'ssl' if secure else 'tcp'}:{port}:interface={interface}{secure}"


def _name_of(folder: Path) -> str:
    """Return a short name that no other folder has."""
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
