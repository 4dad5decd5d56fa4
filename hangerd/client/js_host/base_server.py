"""A server that speaks js-host's protocol: its status, its address, and requests of it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

from hangerd.client.errors import ConnectionLost, Unreachable
from hangerd.client.js_host.conf import settings
from hangerd.client.js_host.exceptions import ConfigError, ConnectionError
from hangerd.client.js_host.requests import Response, Site
from hangerd.client.js_host.requests_errors import for_requests
from hangerd.client.js_host.utils import verbosity

Status = dict[str, Any]
"""{"type", "version", "config"}: what GET /status of a js-host says."""


class BaseServer:
    """A server whose status is known, and that may run or not. `root_url` wins over the status."""

    supported_version: ClassVar[tuple[str, ...]] = ("0", "12")
    expected_type_name: ClassVar[str | None] = None
    status: Status | None = None
    config_file: str | None = None
    root_url: str | None = None
    has_connected = False

    def __init__(
        self,
        status: Status | None = None,
        config_file: str | None = None,
        root_url: str | None = None,
    ) -> None:
        self.status = status
        self.config_file = config_file or self.config_file
        self.root_url = root_url or self.root_url
        self._site: Site | None = None
        self.validate_status()

    def get_name(self) -> str:
        """Return the class and the address, for people."""
        config = self.get_config()
        return f"{type(self).__name__} [{self.root_url or _address(config)}]"

    def get_status(self) -> Status:
        """Return the status. Raises ConfigError when there is none."""
        if self.status is None:
            raise ConfigError("No status has been defined")
        return self.status

    def get_version(self) -> str:
        """Return the version of js-host's protocol."""
        return str(self.get_status()["version"])

    def get_type_name(self) -> str:
        """Return "Host" or "Manager"."""
        return str(self.get_status()["type"])

    def get_config(self) -> dict[str, Any]:
        """Return the config as JSON can say it, with defaults; functions as a list of names."""
        config: dict[str, Any] = self.get_status()["config"]
        return config

    def get_url(self, endpoint: str | None = None) -> str:
        """Return where the server is, or one of its endpoints."""
        url = self.root_url or f"http://{_address(self.get_config())}"
        return f"{url}/{endpoint}" if endpoint else url

    def send_request(
        self,
        endpoint: str,
        post: bool | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: str | bytes | None = None,
        timeout: float | None = None,
        unsafe: bool | None = None,
    ) -> Response:
        """Ask, for `timeout` seconds at most (FUNCTION_TIMEOUT by default).

        Raises ConnectionError, also before `connect` unless `unsafe`; TimeoutError. Where a program
        uses `requests` they are its ConnectionError and ReadTimeout too.
        """
        if not unsafe and not self.has_connected:
            raise ConnectionError(
                f"{self.get_name()} has not opened a connection yet. Call `connect()`"
            )
        try:
            return self._ask(endpoint, post, params, headers, data, timeout)
        except (Unreachable, ConnectionLost) as error:
            raise for_requests(ConnectionError)(f"{self.get_name()}: {error}") from error
        except TimeoutError as error:
            raise for_requests(TimeoutError)(f"{self.get_name()}: {error}") from error

    def _ask(
        self,
        endpoint: str,
        post: bool | None,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        data: str | bytes | None,
        timeout: float | None,
    ) -> Response:
        root = self.get_url()
        if self._site is None or self._site.root_url != root:
            self._site = Site(root)
        return self._site.ask(
            "POST" if post else "GET",
            endpoint,
            params=params,
            headers=headers,
            data=data.encode() if isinstance(data, str) else data or b"",
            timeout=timeout or settings.FUNCTION_TIMEOUT,
        )

    def send_json_request(
        self,
        endpoint: str,
        params: Mapping[str, str] | None = None,
        data: object = None,
        timeout: float | None = None,
        unsafe: bool | None = None,
    ) -> Response:
        """POST JSON; what is no text yet is made JSON first. Raises as `send_request`."""
        text = data if isinstance(data, str) or data is None else json.dumps(data)
        headers = {"content-type": "application/json"}
        return self.send_request(endpoint, True, params, headers, text, timeout, unsafe)

    def request_status(self) -> Status | None:
        """Ask the server for its status; None when it does not tell one."""
        try:
            told = self.send_request("status", unsafe=True).json()
        except (ConnectionError, TimeoutError, ValueError):
            return None
        return told if isinstance(told, dict) else None

    def is_running(self) -> bool:
        """Whether a server with this very status answers."""
        return self._is_ours(self.request_status())

    def _is_ours(self, actual: Status | None) -> bool:
        if not actual:
            return False
        if actual == self.get_status():
            return True
        if actual.get("version") != self.get_version():
            warnings.warn(
                f"The js-host at {self.get_url()} has another version. Expected "
                f"{self.get_version()} but found {actual.get('version')}. "
                "No connection is opened unless they match",
                stacklevel=3,
            )
        return False

    def validate_status(self) -> None:
        """See that the status is one of this kind of server. Raises ConfigError."""
        version = self.get_version().split(".")
        if tuple(version[: len(self.supported_version)]) != self.supported_version:
            supported = ".".join(self.supported_version)
            raise ConfigError(
                f"Version {supported} of js-host is supported, the system reported "
                f"{self.get_version()}"
            )
        if self.get_type_name() != self.expected_type_name:
            raise ConfigError(
                f"Expected type {self.expected_type_name} but found {self.get_type_name()}"
            )
        if self.get_config() is None:
            raise ConfigError("No config has been defined")
        for key in ("address", "port"):
            if key not in self.get_config():
                raise ConfigError(f"No {key} has been defined in {self.get_config()}")

    def connect(self) -> None:
        """See that the server is there, and is the expected one.

        Raises ConnectionError.
        """
        remote = self.request_status()
        if remote is None:
            raise ConnectionError(f"Cannot connect to {self.get_name()}")
        if not self._is_ours(remote):
            raise ConnectionError(
                f"Cannot connect to {self.get_name()}: another host is there. "
                f"Local: {self.get_status()}. Remote: {remote}."
            )
        self._connected()

    def _connected(self) -> None:
        if settings.VERBOSITY >= verbosity.CONNECT:
            print(f"Connected to {self.get_name()}")
        self.has_connected = True


def _address(config: Mapping[str, Any]) -> str:
    return f"{config['address']}:{config['port']}"
