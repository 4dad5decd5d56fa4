"""Functions called by RPyC's client, on a connection of its own for each caller."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import rpyc

from bench.callers.caller import Unable, Where


class RpycCaller:
    """`port` is the server's."""

    def __init__(self, where: Where) -> None:
        self._connection = rpyc.connect("127.0.0.1", where["port"])

    def call(self, function: str, data: dict[str, Any], timeout: float | None = None) -> str:
        """Wait for the value."""
        remote = getattr(self._connection.root, function)
        if not timeout:
            return str(remote(**data))
        try:
            return str(rpyc.timed(remote, timeout)(**data).value)
        except rpyc.AsyncResultTimeout as error:
            raise TimeoutError from error

    def stream(self, function: str, data: dict[str, Any]) -> Iterator[Any]:
        """Ask for one value after another, as RPyC iterates over what is remote."""
        yield from getattr(self._connection.root, function)(**data)

    def rest(self) -> None:
        """It can not."""
        raise Unable("it is not stopped and started by a server")


make = RpycCaller
