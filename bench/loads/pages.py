"""What pages are asked: first bytes, steady bytes, many at once, slow visitors, who leaves."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final

from bench.contest import NotMeasured
from bench.loads.http import Connection, body_length

_SLOW_BYTES: Final = 20_000
_SLOW_SECONDS: Final = 60.0  # 1.2 MB
_NOTICE: Final = 3.0
_LONGEST: Final = 20.0


def arrivals(url: str, path: str) -> tuple[float, list[float]]:
    """Ask for a page: when it was asked for, and when each piece of it came, in seconds."""
    with Connection(url) as connection:
        asked = time.perf_counter()
        connection.socket.sendall(connection.head("GET", path, headers={"Connection": "close"}))
        times = []
        while connection.socket.recv(1 << 20):
            times.append(time.perf_counter())
    return asked, times


def firsts(url: str, path: str, number: int) -> list[float]:
    """Give the milliseconds to the first print of a page, which is the first body byte."""
    found = []
    for _ in range(number):
        with Connection(url) as connection:
            asked = time.perf_counter()
            connection.socket.sendall(connection.head("GET", path, headers={"Connection": "close"}))
            come = b""
            while b"first" not in come:
                piece = connection.socket.recv(65536)
                if not piece:
                    raise NotMeasured("the page ended before its first print")
                come += piece
            found.append((time.perf_counter() - asked) * 1e3)
    return found


def gaps(url: str, path: str) -> list[float]:
    """Give the milliseconds between the pieces of a page."""
    _, times = arrivals(url, path)
    return [(later - earlier) * 1e3 for earlier, later in pairwise(times)]


def together(url: str, path: str, number: int) -> float:
    """Ask for a page by so many connections at once: the seconds until all are there."""
    began = time.perf_counter()
    _threads([lambda: Connection(url).ask("GET", path)] * number)
    return time.perf_counter() - began


def received(url: str, path: str, *, slow: bool) -> int:
    """Give how many bytes of a page's body come before it ends, or the connection is lost.

    A slow visitor takes 20 kB a second for a minute, and then what there is.
    """
    with Connection(url, _LONGEST) as connection:
        if slow:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SLOW_BYTES)
        connection.socket.sendall(connection.head("GET", path, headers={"Connection": "close"}))
        pieces: list[bytes] = []
        with suppress(ConnectionError):
            if slow:
                _slowly(connection.socket, pieces)
            end = time.perf_counter() + _LONGEST
            while piece := connection.socket.recv(1 << 20):
                pieces.append(piece)
                if time.perf_counter() > end:
                    raise NotMeasured(f"it took more than {_LONGEST:.0f} s")
    return body_length(b"".join(pieces))


def _slowly(connection: socket.socket, pieces: list[bytes]) -> None:
    """Take 20 kB a second for a while, then let the system take as much as it likes."""
    began, come = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < _SLOW_SECONDS:
        if come >= passed * _SLOW_BYTES:
            time.sleep(0.05)
            continue
        piece = connection.recv(_SLOW_BYTES // 20)
        if not piece:
            return
        pieces.append(piece)
        come += len(piece)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)


def throughput(url: str, path: str, size: int) -> float:
    """Give the megabytes a second at which a large file comes."""
    with Connection(url) as connection:
        connection.socket.sendall(connection.head("GET", path, headers={"Connection": "close"}))
        began = time.perf_counter()
        buffer, come = bytearray(1 << 20), 0
        while count := connection.socket.recv_into(buffer):
            come += count
    if come < size:
        raise NotMeasured(f"{come:,} of {size:,} bytes came")
    return come / 1e6 / (time.perf_counter() - began)


def hold(url: str, path: str, number: int) -> list[Connection]:
    """Ask for a page by so many connections; each has sent its first bytes when this returns."""
    connections = [Connection(url) for _ in range(number)]
    for connection in connections:
        connection.socket.sendall(connection.head("GET", path))
    for connection in connections:
        connection.socket.settimeout(10)
        if not connection.socket.recv(65536):
            raise NotMeasured("a page ended at once")
    return connections


def notice(url: str, path: str, mark: Path) -> float:
    """Leave a page that prints; give the milliseconds until its script knows."""
    mark.unlink(missing_ok=True)
    connection = hold(url, path, 1)[0]
    time.sleep(0.2)
    left = time.time()
    connection.close()
    end = left + _NOTICE
    while time.time() < end:
        if mark.exists() and (told := mark.read_text()):
            return (float(told) - left) * 1e3
        time.sleep(0.01)
    raise NotMeasured(f"the script did not notice within {_NOTICE:.0f} s")


def reused(url: str, endless: str, other: str, limit: float) -> float:
    """Let a script run into its limit (seconds): the milliseconds beyond until another ran."""
    connection = Connection(url)
    connection.socket.sendall(connection.head("GET", endless))
    began = time.perf_counter()
    time.sleep(0.1)
    Connection(url).ask("GET", other)
    took = time.perf_counter() - began
    connection.close()
    if took < limit or took > limit + _NOTICE:
        raise NotMeasured(f"another script ran after {took:.1f} s: there is no limit of {limit} s")
    return (took - limit) * 1e3


def _threads(works: Sequence[Callable[[], object]]) -> None:
    errors: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except (OSError, ValueError) as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise NotMeasured(f"{len(errors)} of {len(works)} pages failed: {errors[0]!r}")
