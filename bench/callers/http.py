"""Functions called over HTTP, of hangerd and of js-host: POST /function/NAME with JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bench.callers.caller import Unable, Where
from bench.loads.http import Connection, Refused


class HttpCaller:
    """`url` is that of the host. With a `token` it is hangerd's, which knows deadlines."""

    def __init__(self, where: Where) -> None:
        self._url, self._token = where["url"], where.get("token", "")
        self._headers = {"Content-Type": "application/json"}
        if self._token:
            self._headers["Authorization"] = f"Bearer {self._token}"
        self._connection = Connection(self._url)

    def call(self, function: str, data: dict[str, Any], timeout: float | None = None) -> str:
        """Wait for the answer; where the server has no deadlines, leave when it is over."""
        path = f"/function/{function}"
        if timeout and self._token:
            path += f"?timeout={timeout}"
        self._connection.socket.settimeout(timeout if timeout and not self._token else 60)
        try:
            return self._post(path, data).decode()
        except Refused as refused:
            if str(refused).startswith("504"):
                raise TimeoutError from refused
            raise
        except TimeoutError:
            self._connection.close()
            self._connection = Connection(self._url)
            raise

    def stream(self, function: str, data: dict[str, Any]) -> Iterator[Any]:
        """Read lines of JSON as they come."""
        if not self._token:
            raise Unable("it has no streams")
        head = self._connection.head(
            "POST", f"/function/{function}", json.dumps(data).encode(), self._headers
        )
        self._connection.socket.sendall(head)
        yield from (json.loads(line) for line in self._connection.lines())

    def rest(self) -> None:
        """Stop the host."""
        if not self._token:
            raise Unable("it is not stopped and started by a server")
        self._post("/stop", {})

    def _post(self, path: str, data: dict[str, Any]) -> bytes:
        return self._connection.ask("POST", path, json.dumps(data).encode(), self._headers)


make = HttpCaller
