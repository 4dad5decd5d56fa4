"""js-host's manager, which is a hangerd: it runs a host for each config file.

It is found where hangerd.client.connect finds it, and started in the background if it is not there.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from hangerd.client.defining import name_for
from hangerd.client.errors import CallError, HangerdError, Refused, Unreachable
from hangerd.client.js_host.base_server import BaseServer, Status
from hangerd.client.js_host.conf import Settings, settings
from hangerd.client.js_host.exceptions import (
    ConnectionError,
    ProcessError,
    UnexpectedResponse,
)
from hangerd.client.js_host.requests import Response, Site
from hangerd.client.js_host.utils import verbosity
from hangerd.client.sync import Client, Host, Lease, connect

Record = dict[str, Any]
"""A running host: {"output", "logfile", "config", "connections"}; output is its status as JSON."""


class JSHostManager(BaseServer):
    """The hangerd that runs the hosts of this program, and of others."""

    expected_type_name: ClassVar[str | None] = "Manager"

    def __init__(
        self,
        status: Status | None = None,
        config_file: str | None = None,
        root_url: str | None = None,
    ) -> None:
        self._client: Client | None = None
        self._leases: dict[tuple[str, str], Lease] = {}
        self.config_file = config_file or settings.get_config_file()
        super().__init__(status, self.config_file, root_url)

    def validate_status(self) -> None:
        """See that a status that was given is one of a manager; none is needed."""
        if self.status is not None:
            super().validate_status()

    def get_status(self) -> Status:
        """Return what the config file says, as a manager's; Node is asked for it at first."""
        if self.status is None:
            from hangerd.client.js_host.bin import read_status_from_config_file

            self.status = read_status_from_config_file(str(self.config_file), ("--manager",))
        return self.status

    def get_name(self) -> str:
        """Return what it is, for people."""
        return f"{type(self).__name__} [hangerd]"

    def spawn(self) -> bool:
        """Find the daemon, or start one; say whether it had to be started. Raises ProcessError."""
        if self.is_running():
            return False
        try:
            connect(spawn=True).close()  # such a client would start another where that has ended
            self._client = connect()
        except Unreachable as error:
            raise ProcessError(f"Cannot start {self.get_name()}: {error}") from error
        return True

    def is_running(self) -> bool:
        """Whether the daemon is there."""
        try:
            self._client = self._client or connect()
            self._client.hosts()
        except HangerdError:
            return False
        return True

    def _ask(
        self,
        endpoint: str,
        post: bool | None,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        data: str | bytes | None,
        timeout: float | None,
    ) -> Response:
        """Answer for the daemon, which has a status but none of a js-host manager's endpoints."""
        if endpoint != "status":
            raise UnexpectedResponse(
                f"{self.get_name()} has no {endpoint}: its methods do what that does"
            )
        if not self.is_running():
            raise Unreachable("no hangerd is running", "Call `spawn`.")
        content = json.dumps(self.get_status()).encode()
        return Response(self.get_url(endpoint), 200, {"Content-Type": "application/json"}, content)

    def connect(self) -> None:
        """See that the daemon is there. Raises ConnectionError."""
        if not self.is_running():
            raise ConnectionError(f"Cannot connect to {self.get_name()}")
        self._connected()

    def stop(self) -> None:
        """Stop the hosts that this object started; end a daemon that nobody else uses.

        A daemon that its operator runs, or that is in use, stays.
        """
        for config, connection in list(self._leases):
            self.close_connection_to_host(config, connection)
        client = self._daemon()
        if any(state["state"] not in {"stopped", "failed"} for state in client.hosts().values()):
            return
        if client.stop_daemon(unused=True):
            print_at(verbosity.PROCESS_STOP, f"Stopped {self.get_name()}")

    def request_host_status(self, config_file: str) -> dict[str, Any]:
        """Return {"started"}, and of a running host also its record as "host"."""
        host = self._known(config_file)
        if host is None:
            return {"started": False}
        return {"started": True, "host": self._record(config_file, host)}

    def start_host(self, config_file: str) -> Record:
        """Start a host unless it runs; return its record when it is ready.

        Raises UnexpectedResponse with the reason when it cannot be started.
        """
        host = self._define(config_file)
        try:
            host.start()
        except CallError as error:
            raise UnexpectedResponse(f"Attempted to start a JSHost: {_whole(error)}") from error
        return self._record(config_file, host)

    def stop_host(self, config_file: str) -> Record:
        """Stop a host; return its record when nothing of it is left."""
        host = self._require(config_file, "stop")
        record = self._record(config_file, host)
        for key in [key for key in self._leases if key[0] == config_file]:
            self._leases.pop(key).release()
        host.stop()
        return record

    def restart_host(self, config_file: str) -> Record:
        """Let a new process take over, at the same address; return the record."""
        host = self._require(config_file, "restart")
        host.restart()
        return self._record(config_file, host)

    def open_connection_to_host(self, config_file: str) -> Record:
        """Hold a host, so that it does not stop for idleness; its record and "connection".

        The connection ends with the program, however that ends.
        """
        lease = self._require(config_file, "open a connection to").lease()
        lease.hold()
        connection = uuid.uuid4().hex
        self._leases[config_file, connection] = lease
        record = self._record(config_file, self._host(config_file))
        return {**record, "connection": connection}

    def close_connection_to_host(self, config_file: str, connection: str) -> dict[str, Any]:
        """Let a host go; return {"started", "config", "stopTimeout", "status"}."""
        lease = self._leases.pop((config_file, connection), None)
        if lease is not None:
            lease.release()
        started = self._known(config_file) is not None
        status = "Disconnected" if started else "Host has already stopped"
        return {"started": started, "config": config_file, "stopTimeout": None, "status": status}

    def _daemon(self) -> Client:
        if self._client is None:
            self.connect()
        if self._client is None:
            raise ConnectionError(f"Cannot connect to {self.get_name()}")
        return self._client

    def _host(self, config_file: str) -> Host:
        return self._daemon().host(name_for(str(Path(config_file).absolute())))

    def _define(self, config_file: str) -> Host:
        try:
            return self._daemon().js(config_file, **host_spec())
        except Refused as error:
            raise UnexpectedResponse(f"Attempted to start a JSHost: {error}") from error

    def _known(self, config_file: str) -> Host | None:
        """Return a host that runs, or None."""
        host = self._host(config_file)
        return host if self._daemon().hosts().get(host.name, {}).get("instances") else None

    def _require(self, config_file: str, what: str) -> Host:
        host = self._known(config_file)
        if host is None:
            raise UnexpectedResponse(
                f"Attempted to {what} a JSHost: No known host with config: {config_file}"
            )
        return host

    def _record(self, config_file: str, host: Host) -> Record:
        state = host.state()
        return {
            "output": json.dumps(placed_status(config_file, state["listening"])) + "\n",
            "logfile": state["log_file"],
            "config": config_file,
            "connections": [one for path, one in self._leases if path == config_file],
        }


def host_spec() -> dict[str, Any]:
    """Return what is special of a host here: its callers limit the time, its port is any free one.

    Raises ConfigError when PATH_TO_NODE leads nowhere.
    """
    spec: dict[str, Any] = {"listen": "tcp:0:interface=127.0.0.1", "call_timeout": 0}
    if settings.PATH_TO_NODE != Settings.PATH_TO_NODE:
        spec["interpreter"] = settings.get_path_to_node()
    return spec


def placed_status(config_file: str, listening: str | None) -> Status:
    """Return the status of a host where it listens ("tcp:HOST:PORT"). Raises ProcessError."""
    if listening is None:
        raise ProcessError(f"hangerd gave the host of {config_file} no address: see its log")
    address, _, port = listening.removeprefix("tcp:").rpartition(":")
    told = Site(f"http://{address}:{port}").ask("GET", "status", timeout=settings.FUNCTION_TIMEOUT)
    status: Status = told.json()
    status["config"] |= {"address": address, "port": int(port)}
    return status


def print_at(level: int, text: str) -> None:
    """Print, if the setting VERBOSITY is that high."""
    if level <= settings.VERBOSITY:
        print(text)


def _whole(error: BaseException) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", [])])
