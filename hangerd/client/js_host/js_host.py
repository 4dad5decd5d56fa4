"""A host of a config file: one that hangerd runs for it, or one that runs already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from hangerd.client.errors import ConnectionLost, Unreachable
from hangerd.client.js_host.base_server import BaseServer, Status
from hangerd.client.js_host.conf import settings
from hangerd.client.js_host.exceptions import ConnectionError, ProcessError
from hangerd.client.js_host.manager import JSHostManager, print_at
from hangerd.client.js_host.requests import Response
from hangerd.client.js_host.utils import verbosity


class JSHost(BaseServer):
    """The host of `config_file` (by default that of the settings).

    With a `manager` it is that one's; so it is without, when the settings say USE_MANAGER and no
    `status` of a running host is given.
    """

    expected_type_name: ClassVar[str | None] = "Host"

    def __init__(
        self,
        config_file: str | None = None,
        manager: JSHostManager | None = None,
        logfile: str | None = None,
        status: Status | None = None,
        root_url: str | None = None,
    ) -> None:
        self.connection: str | None = None
        self.logfile = logfile
        self.config_file = str(config_file or settings.get_config_file())
        managed = status is None and root_url is None and settings.USE_MANAGER
        self.manager = manager or (JSHostManager(config_file=self.config_file) if managed else None)
        super().__init__(status or self._find_status(), self.config_file, root_url)

    def _find_status(self) -> Status:
        """Return that of the running host of a daemon, or what the config file says."""
        from hangerd.client.js_host.bin import read_status_from_config_file

        if self.manager is not None and self.manager.is_running():
            told = self.manager.request_host_status(self._path)
            if told["started"]:
                self.logfile = told["host"]["logfile"]
                return _status_in(told["host"])
        return read_status_from_config_file(self._path)

    @property
    def _path(self) -> str:
        return str(self.config_file)

    def _managed(self, what: str) -> JSHostManager:
        if self.manager is None:
            raise NotImplementedError(f"{self.get_name()} must be {what} manually")
        return self.manager

    def start(self) -> None:
        """Start it unless it runs; returns when it is ready, with a daemon started if need be.

        Raises ProcessError, UnexpectedResponse; NotImplementedError without a manager.
        """
        manager = self._managed("started")
        manager.spawn()
        was_running = manager.request_host_status(self._path)["started"]
        self._take(manager.start_host(self._path))
        if not was_running:
            print_at(verbosity.PROCESS_START, f"Started {self.get_name()}")

    def stop(self, stop_manager_if_last: bool = True) -> None:
        """Stop it; returns when nothing of it is left.

        A daemon that a program has started ends with its last host, unless told otherwise or used
        by somebody. Raises NotImplementedError without a manager.
        """
        manager = self._managed("stopped")
        if not manager.is_running() or not manager.request_host_status(self._path)["started"]:
            return
        manager.stop_host(self._path)
        self.connection = None
        print_at(verbosity.PROCESS_STOP, f"Stopped {self.get_name()}")
        if stop_manager_if_last:
            manager.stop()

    def restart(self) -> None:
        """Let a new process take over, at the same address.

        Raises UnexpectedResponse; NotImplementedError without a manager.
        """
        self._take(self._managed("restarted").restart_host(self._path))

    def is_running(self) -> bool:
        """Whether its process runs; without a manager, whether one with its status answers."""
        if self.manager is None:
            return super().is_running()
        running = self.manager.is_running()
        return running and bool(self.manager.request_host_status(self._path)["started"])

    def connect(self) -> None:
        """Hold it until `disconnect`, or the end of the program; without a manager, look at it.

        Raises ConnectionError; UnexpectedResponse when it does not run.
        """
        if self.manager is None:
            super().connect()
            return
        if not self.connection:
            record = self.manager.open_connection_to_host(self._path)
            self.connection = record["connection"]
            self._take(record)
        self._connected()

    def disconnect(self) -> None:
        """Let it go. Raises NotImplementedError without a manager."""
        if self.manager is None:
            raise NotImplementedError("Only managed hosts can disconnect")
        connection, self.connection = self.connection, None
        if connection and self.manager.is_running():
            told = self.manager.close_connection_to_host(self._path, connection)
            if told["started"]:
                closed = f"Closed connection to {self.get_name()} - {connection}"
                print_at(verbosity.DISCONNECT, closed)

    def _ask(
        self,
        endpoint: str,
        post: bool | None,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        data: str | bytes | None,
        timeout: float | None,
    ) -> Response:
        """Ask; a managed host that is elsewhere since is found again, one that died is told of."""
        if self.manager is None:
            return super()._ask(endpoint, post, params, headers, data, timeout)
        try:
            answer = super()._ask(endpoint, post, params, headers, data, timeout)
        except Unreachable:  # nothing was asked
            self._find_again(self.manager)
            answer = super()._ask(endpoint, post, params, headers, data, timeout)
        except ConnectionLost as error:
            raise ProcessError(self._crash()) from error
        if answer.status_code == 502:
            raise ProcessError(f"{self._crash()}: {answer.text}")
        if endpoint == "status" and answer.ok:
            return self._placed(answer)
        return answer

    def _find_again(self, manager: JSHostManager) -> None:
        """Go over to the daemon that was started since. Raises ConnectionError."""
        manager.spawn()
        if not self.has_connected:
            raise ConnectionError(f"Cannot connect to {self.get_name()}")
        self._take(manager.start_host(self._path))
        if self.connection:
            self.connection = manager.open_connection_to_host(self._path)["connection"]

    def _placed(self, answer: Response) -> Response:
        """Say where it listens, which the config does not."""
        config = {key: self.get_config()[key] for key in ("address", "port")}
        told = answer.json()
        told["config"] |= config
        content = json.dumps(told).encode()
        return Response(answer.url, answer.status_code, answer.headers, content)

    def _take(self, record: Mapping[str, Any]) -> None:
        self.status = _status_in(record)
        self.logfile = record["logfile"]

    def _crash(self) -> str:
        return (
            f"{self.get_name()} appears to have crashed, you can inspect the log file at "
            f"{self.logfile}"
        )


def _status_in(record: Mapping[str, Any]) -> Status:
    status: Status = json.loads(record["output"])
    return status
