"""A cable between a browser and a daemon, which can be pulled and plugged in again."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import Self


class Cable:
    """Passes connections on to a port of this machine; serves as a context manager."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._lock = Lock()
        self._is_plugged = True
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def pull(self) -> None:
        """End all connections; new ones end at once."""
        with self._lock:
            self._is_plugged = False
            ends, self._ends = self._ends, []
        for end in ends:
            _end(end)

    def plug(self) -> None:
        """Let new connections through."""
        self._is_plugged = True

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._accept)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.pull()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                self._connect(browser)

    def _connect(self, browser: socket.socket) -> None:
        with self._lock:
            if not self._is_plugged:
                browser.close()
                return
            daemon = socket.create_connection(("127.0.0.1", self._to))
            self._ends += [browser, daemon]
        for one, other in ((browser, daemon), (daemon, browser)):
            Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    _end(other)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
