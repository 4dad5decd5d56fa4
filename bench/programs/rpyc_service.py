"""The same functions as a service of RPyC: its threaded server at the port that it is given."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import rpyc
from rpyc.utils.server import ThreadedServer

from bench.programs import functions


class Functions(rpyc.Service):  # type: ignore[misc]
    """Each connection has a thread."""

    def exposed_echo(self, text: str) -> str:
        return functions.echo(text)

    def exposed_pause(self, ms: float, text: str) -> str:
        time.sleep(ms / 1000)
        return text

    def exposed_compute(self, ms: float, text: str = "") -> str:
        return functions.compute(ms)

    def exposed_count(self, items: int) -> Iterator[int]:
        return functions.count(items)


if __name__ == "__main__":
    ThreadedServer(Functions, hostname="127.0.0.1", port=int(sys.argv[1])).start()
