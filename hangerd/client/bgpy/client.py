"""A client of a bgpy server: over HTTP, on a connection that is kept, with the server's token."""

from __future__ import annotations

import importlib.util
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from hangerd.client.bgpy.places import HOST_NAME, control_token, known_token
from hangerd.client.errors import HangerdError, NotAllowed, Unreachable
from hangerd.client.sync import Client as Daemon
from hangerd.client.sync import connect

Reply = dict[str, Any]

_ENDS_WITHIN: Final = 10.0  # seconds that a server which was terminated is waited for
_PAUSE: Final = 0.02


class Client:
    """Sends tasks and requests to the server at HOST:PORT. Many clients may do so at once."""

    def __init__(
        self,
        host: str,
        port: int,
        token: str | None = None,
        log_level: str = "INFO",
        log_file: str | Path | None = None,
    ) -> None:
        self.host = host
        self.port = int(port)
        self.token = token
        self.log_level = log_level
        self.log_file = log_file
        self._daemon: Daemon | None = None

    def __repr__(self) -> str:
        return f"Client({self.host!r}, {self.port!r})"

    def __str__(self) -> str:
        return f"Client context for connecting to server at '{self.host}:{self.port}'"

    def initialize(
        self,
        init_task: Callable[..., Any],
        exec_task: Callable[..., Any],
        exit_task: Callable[..., Any],
    ) -> Reply:
        """Send the server its tasks, and let it run the first.

        Functions of `__main__` are sent whole, others by their module and name. Raises OSError when
        nobody is there, RemoteError when init_task raised or the server does not find a function.
        """
        _check_can_be_sent(init_task, exec_task, exit_task)
        return self._ask("initialize", init_task, exec_task, exit_task)

    def execute(self, exec_args: Mapping[str, Any], await_response: bool = False) -> Reply:
        """Have exec_task called; returns when the server knows of it, or with its response.

        Raises OSError; with `await_response` also RemoteError when exec_task raised.
        """
        return self._ask("execute", dict(exec_args), await_response)

    def terminate(
        self, exit_args: Mapping[str, Any] | None = None, await_response: bool = False
    ) -> Reply:
        """Have exit_task called, with its response or without, and end the server.

        Returns when the server's address is free. Raises OSError; RemoteError when exit_task
        raised, after which the server has ended too.
        """
        try:
            reply = self._ask("terminate", dict(exit_args or {}), await_response)
        except NotAllowed:
            raise
        except HangerdError as error:
            if not isinstance(error, OSError):
                self._end()
            raise
        if reply != _INVALID:
            self._end()
        return reply

    def _ask(self, function: str, *args: Any) -> Reply:
        try:
            if self._daemon is None:
                host = f"[{self.host}]" if ":" in self.host else self.host
                token = control_token(self.token) if self.token else None
                self._daemon = connect(
                    f"http://{host}:{self.port}", token or known_token(self.host, self.port)
                )
            tasks = self._daemon.host(HOST_NAME, pickle=True)
            reply: Reply = tasks.call(function, *args)
        except NotAllowed:
            self._daemon = None
            return dict(_INVALID)
        return reply

    def _end(self) -> None:
        daemon, self._daemon = self._daemon, None
        if daemon is None:
            return
        try:
            daemon.stop_daemon()
            self._wait_for_end()
        except Unreachable:
            return
        finally:
            daemon.close()

    def _wait_for_end(self) -> None:
        """Return when nobody listens at the address any more, or too late."""
        until = time.monotonic() + _ENDS_WITHIN
        while time.monotonic() < until:
            try:
                socket.create_connection((self.host, self.port), _ENDS_WITHIN).close()
            except OSError:
                return
            time.sleep(_PAUSE)


_INVALID: Final[Mapping[str, str]] = {"message": "Invalid client authentication."}


def _check_can_be_sent(*tasks: Callable[..., Any]) -> None:
    if importlib.util.find_spec("cloudpickle") is not None:
        return
    for task in tasks:
        if getattr(task, "__module__", None) == "__main__":
            raise HangerdError(
                f"{task.__name__} is of the program itself, and pickle cannot send such functions",
                "pip install 'hangerd[pickle]', or put the tasks into a module.",
            )
