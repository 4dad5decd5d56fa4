"""The same functions as a service of RPyC: its threaded server at the port that it is given."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import rpyc
from rpyc.utils.server import ThreadedServer

from bench.programs import functions


class Functions(rpyc.Service):  # type: ignore[misc]
    """Each connection has a thread."""

    def exposed_echo(self, **data: Any) -> str:
        return functions.echo(data)

    def exposed_pause(self, **data: Any) -> str:
        time.sleep(data["ms"] / 1000)
        return str(data["text"])

    def exposed_compute(self, **data: Any) -> str:
        return functions.compute(data)

    def exposed_count(self, **data: Any) -> Iterator[int]:
        return functions.count(data)


if __name__ == "__main__":
    ThreadedServer(Functions, hostname="127.0.0.1", port=int(sys.argv[1])).start()
