"""What slots are asked: a cycle on one connection, and thousands of reads that hang.

A `Dialect` says how a server opens, reads and writes; with it the loads are the same for all.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count

from bench.contest import NotMeasured
from bench.loads.http import Connection

VALUE = b"Ada"
_WAKES_A_SECOND = 100
_LATEST = 5.0


@dataclass(frozen=True)
class Dialect:
    """The requests of a server, below its address; `open` is empty where names are free."""

    open: str
    read: tuple[str, str]
    write: tuple[str, str]


class Asks:
    """What is asked of a server on one connection. The bytes are made once: a load costs little."""

    def __init__(self, dialect: Dialect, connection: Connection) -> None:
        (reading, read), (writing, write) = dialect.read, dialect.write
        self._connection = connection
        self._open = connection.head("POST", dialect.open) if dialect.open else b""
        self._read = connection.head(reading, read).split(b"{}")
        self._write = connection.head(writing, write, VALUE).split(b"{}")

    def names(self) -> Iterator[bytes]:
        """Give new slots, without an end."""
        if self._open:
            while True:
                yield self._connection.exchange(self._open)
        yield from (b"slot%d" % number for number in count())

    def read(self, name: bytes) -> bytes:
        """Give the bytes of a read."""
        return name.join(self._read)

    def write(self, name: bytes) -> bytes:
        """Give the bytes of a write."""
        return name.join(self._write)


HANGER = Dialect("/open/", ("POST", "/{}/read/"), ("POST", "/{}/write/"))
PIPING = Dialect("", ("GET", "/{}"), ("POST", "/{}"))


def cycles(url: str, dialect: Dialect, seconds: int) -> tuple[float, int]:
    """Let values go through slots, on one connection: how many a second, and how many in all."""
    if not dialect.open:
        raise NotMeasured("a write waits for its reader: one connection is not enough")
    with Connection(url, awake=True) as connection:
        asks, exchange = Asks(dialect, connection), connection.exchange
        names = asks.names()
        end, done, began = time.perf_counter() + seconds, 0, time.perf_counter()
        while time.perf_counter() < end:
            name = next(names)
            exchange(asks.write(name))
            value = exchange(asks.read(name))
            if value != VALUE:
                raise NotMeasured(f"read {value!r}")
            done += 1
        return done / (time.perf_counter() - began), done


class Held:
    """Reads that hang, one connection each."""

    def __init__(self, url: str, dialect: Dialect) -> None:
        self._url = url
        self._connection = Connection(url)
        self._asks = Asks(dialect, self._connection)
        self._selector = selectors.DefaultSelector()
        self._reads: dict[bytes, socket.socket] = {}

    def hold(self, number: int) -> None:
        """Let so many reads hang."""
        for name, _ in zip(self._asks.names(), range(number), strict=False):
            address = self._connection.socket.getpeername()
            read = socket.create_connection(address, 10)
            read.sendall(self._asks.read(name))
            read.setblocking(False)
            self._reads[name] = read
            self._selector.register(read, selectors.EVENT_READ, name)

    def wakes(self, seconds: int) -> list[float]:
        """Write to one read after another, evenly in time; give each wake in milliseconds.

        Raises NotMeasured when a read does not wake.
        """
        names = list(self._reads)[: max(2, seconds) * _WAKES_A_SECOND]
        writer = Connection(self._url)
        writer.socket.setblocking(False)
        self._selector.register(writer.socket, selectors.EVENT_READ, b"")
        sent: dict[bytes, float] = {}
        woken: list[float] = []
        began = time.perf_counter()
        for number, name in enumerate(names):
            self._wait(began + number / _WAKES_A_SECOND, sent, woken, lambda: False)
            sent[name] = time.perf_counter()
            writer.socket.send(self._asks.write(name))
        self._wait(time.perf_counter() + _LATEST, sent, woken, lambda: len(woken) == len(names))
        self._selector.unregister(writer.socket)
        writer.close()
        if len(woken) < len(names):
            raise NotMeasured(f"{len(names) - len(woken)} of {len(names)} reads did not wake")
        return woken

    def _wait(
        self, until: float, sent: dict[bytes, float], woken: list[float], done: Callable[[], bool]
    ) -> None:
        """Take what comes until a time, or until it is done."""
        while not done() and (left := until - time.perf_counter()) > 0:
            for key, _ in self._selector.select(left):
                now = time.perf_counter()
                assert isinstance(key.fileobj, socket.socket)
                with suppress(BlockingIOError):
                    key.fileobj.recv(65536)
                if key.data in sent:
                    woken.append((now - sent.pop(key.data)) * 1e3)

    def close(self) -> None:
        """Let all go."""
        self._selector.close()
        self._connection.close()
        for read in self._reads.values():
            read.close()


@contextmanager
def held(url: str, dialect: Dialect, number: int) -> Iterator[Held]:
    """Hold so many reads in a context."""
    reads = Held(url, dialect)
    try:
        reads.hold(number)
        yield reads
    finally:
        reads.close()
