"""Visitors that read a page as slowly as they are told, and what that costs the daemon."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.integration.daemon import Daemon

PIECE = 16 * 1024


def read_slowly(port: int, path: str, rate: float) -> tuple[int, bytes]:
    """Read a whole page at `rate` bytes a second; return the size and SHA-256 of its body.

    By HTTP/1.0, where the body is what comes between the head and the end of the connection.
    """
    with closing(socket.socket()) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
        link.settimeout(60)
        link.connect(("127.0.0.1", port))
        link.sendall(f"GET {path} HTTP/1.0\r\nHost: test\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += link.recv(PIECE)
        first = head.partition(b"\r\n\r\n")[2]
        digest, size = hashlib.sha256(first), len(first)
        began = time.monotonic()
        while piece := link.recv(PIECE):
            digest.update(piece)
            size += len(piece)
            time.sleep(max(0.0, size / rate - (time.monotonic() - began)))
    return size, digest.digest()


class PeakMemory:
    """The largest resident size, in bytes, above that at the start, while it is watched."""

    def __init__(self, daemon: Daemon) -> None:
        self._process = daemon.measured
        self._start: int = self._process.memory_info().rss
        self.growth = 0

    def look(self) -> None:
        """Measure once."""
        self.growth = max(self.growth, self._process.memory_info().rss - self._start)


@contextmanager
def peak_memory(daemon: Daemon) -> Iterator[PeakMemory]:
    """Measure again and again until the end of the block."""
    peak, ended = PeakMemory(daemon), threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            peak.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()
