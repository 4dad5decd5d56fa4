"""Functions called by bgpy's client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bgpy import Client  # type: ignore[import-not-found]

from bench.callers.caller import Unable, Where


class BgpyCaller:
    """`port` is the server's."""

    def __init__(self, where: Where) -> None:
        self._client = Client("127.0.0.1", where["port"], log_level="ERROR")

    def call(self, function: str, data: dict[str, Any], timeout: float | None = None) -> str:
        """Wait for what exec_task responds."""
        if timeout:
            raise Unable("its client waits for ever")
        message = {"function": function, "data": data}
        return str(self._client.execute(message, await_response=True)["value"])

    def stream(self, function: str, data: dict[str, Any]) -> Iterator[Any]:
        """It can not."""
        raise Unable("it has no streams")

    def rest(self) -> None:
        """It can not."""
        raise Unable("it is not stopped and started by a server")


make = BgpyCaller
