"""Functions called by hangerd.client: by frames through the daemon, or straight to the process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.callers.caller import Where
from hangerd.client import CallTimeout, connect


class ClientCaller:
    """`state_dir` and `host` say which, `direct` by which way."""

    def __init__(self, where: Where) -> None:
        client = connect(state_dir=where["state_dir"])
        self._host = client.host(where["host"], direct=where["direct"])

    def call(self, function: str, data: dict[str, Any], timeout: float | None = None) -> str:
        """Wait for the value."""
        try:
            return str(self._host.invoke(function, (), data, timeout))
        except CallTimeout as error:
            raise TimeoutError from error

    def stream(self, function: str, data: dict[str, Any]) -> Iterator[Any]:
        """Give the values as they come."""
        return self._host.stream(function, **data)

    def rest(self) -> None:
        """Stop the host."""
        self._host.stop()


make = ClientCaller
