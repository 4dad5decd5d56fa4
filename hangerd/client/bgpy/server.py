"""A bgpy server: a hangerd of its own at HOST:PORT, with one Python host for the tasks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hangerd.client.bgpy.places import (
    HOST_NAME,
    LEVEL_VARIABLE,
    LOG_VARIABLE,
    TASKS_VARIABLE,
    control_token,
    is_loopback,
    resolve,
    state_dir,
)
from hangerd.client.errors import CallError, HangerdError, Unreachable
from hangerd.client.sync import connect
from hangerd.hosts.runners.python.standin import respond
from hangerd.places import READY_NAME

__all__ = ["TOKEN_VARIABLE", "Server", "TokenRequired", "respond"]

TOKEN_VARIABLE: Final = "BGPY_TOKEN"  # noqa: S105 - the name of a variable
_THREADS: Final = 64  # clients that are served at once; the others wait for their turn
_QUEUE: Final = 10_000


class TokenRequired(HangerdError, ValueError):
    """A server that other machines reach, and that would run the functions of anybody there."""

    code = "token_required"


class Server:
    """Takes tasks from a client, or from `init_file`, and calls of any number of clients.

    `token`, else $BGPY_TOKEN, is what its clients must have; without one, only programs of this
    user on this machine are let in. Port 0 is any free one: `port` tells which, once it runs.
    """

    def __init__(
        self,
        host: str,
        port: int,
        token: str | None = None,
        log_level: str = "INFO",
        log_file: str | Path | None = None,
        init_file: str | Path | None = None,
    ) -> None:
        self.host = host
        self.port = int(port)
        self.token = token
        self.log_level = log_level
        self.log_file = log_file
        self.init_file = init_file

    def __repr__(self) -> str:
        return f"Server({self.host!r}, {self.port!r})"

    def __str__(self) -> str:
        return f"Server with context for running at '{self.host}:{self.port}'"

    def run(self) -> None:
        """Serve in this process, and in its main thread, until a client terminates it.

        Raises TokenRequired, OSError; SystemExit with one line when it cannot start.
        """
        flags, folder = self._prepare()
        from twisted.scripts import twistd

        own = [f"--state-dir={folder}", "--admin=none", *flags]
        sys.argv = ["twistd", "-n", "--pidfile=", "hangerd", *own]
        twistd.run()

    def run_background(self) -> None:
        """Serve in the background, beyond the end of this program; returns when clients may come.

        One that runs at this address already is left as it is. Raises TokenRequired, OSError (as
        StartFailed when the address is taken), and CallError when the tasks of `init_file` fail.
        """
        flags, folder = self._prepare()
        with connect(state_dir=folder, spawn=True, idle_exit=0.0, flags=flags) as client:
            try:
                client.host(HOST_NAME).start()
            except CallError:
                client.stop_daemon()
                raise
        if not self.port:
            self._found_port(folder)

    def _prepare(self) -> tuple[list[str], Path]:
        """Write what the daemon reads, unless it runs; return its flags and its state directory."""
        address = resolve(self.host)
        token = self.token or os.environ.get(TOKEN_VARIABLE)
        if token is None and not is_loopback(address):
            raise TokenRequired(
                f"a server at {self.host} would let in anybody who reaches it",
                "Give it a token (see token_create), or bind it to 127.0.0.1.",
            )
        folder = state_dir(address, self.port)
        if not self.port:
            folder = folder.with_name(f"{folder.name}-{os.urandom(4).hex()}")
        config, secret = folder / "hangerd.toml", folder / "token"
        family = "tcp6" if ":" in address else "tcp"
        quoted = address.replace(":", "\\:")
        flags = [
            f"--config={config}",
            f"--port={family}:{self.port}:interface={quoted}",
        ]
        if token is not None:
            flags.append(f"--control-token-file={secret}")
        if not _runs(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            config.write_text(self._settings(), encoding="utf-8")
            secret.unlink(missing_ok=True)
            if token is not None:
                _write_private(secret, control_token(token))
        return flags, folder

    def _settings(self) -> str:
        environment = {
            LEVEL_VARIABLE: str(self.log_level),
            # where functions are found that clients of this program name
            "PYTHONPATH": os.pathsep.join(str(Path(each).absolute()) for each in sys.path),
        }
        for name, path in ((LOG_VARIABLE, self.log_file), (TASKS_VARIABLE, self.init_file)):
            if path is not None:
                environment[name] = str(Path(path).absolute())
        spec = {
            "kind": "python",
            "module": "hangerd.client.bgpy.serving",
            "cwd": str(Path.cwd()),
            "interpreter": sys.executable,
            "pickle": True,
            "autostart": True,
            "restart": "never",
            "watch": False,
            "threads": _THREADS,
            "queue": _QUEUE,
            "call_timeout": 0,
        }
        return f"[hosts.{HOST_NAME}]\n{_toml(spec)}\n[hosts.{HOST_NAME}.env]\n{_toml(environment)}"

    def _found_port(self, folder: Path) -> None:
        """Learn the port, and let clients without a token find the server by it."""
        told = json.loads((folder / READY_NAME).read_text(encoding="utf-8"))
        self.port = int(told["public"][0].rpartition(":")[2])
        by_port = state_dir(resolve(self.host), self.port)
        by_port.unlink(missing_ok=True)
        by_port.symlink_to(folder.name)


def _runs(folder: Path) -> bool:
    try:
        connect(state_dir=folder).close()
    except Unreachable:
        return False
    return True


def _toml(values: Mapping[str, Any]) -> str:
    """Return keys and values in TOML, which writes texts, numbers and booleans as JSON does."""
    return "".join(f"{key} = {json.dumps(values[key])}\n" for key in values)


def _write_private(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(text + "\n")
