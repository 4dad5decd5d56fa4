"""A transport of Twisted's TCP without its socket, for what asks the socket itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.tcp import Server


class Tcp(Server):
    """TCP without a socket.

    `takes` is how many bytes the kernel takes, or an error. `comes` is what a look at the socket
    finds: bytes, an error, or nothing yet (None, as when the list is empty); `looked` is called
    for each look.
    """

    def __init__(self, takes: Any = 1 << 30) -> None:
        self.takes = takes
        self.connected = 1
        self.aborted = False
        self.sent: list[bytes] = []
        self.written: list[bytes] = []
        self._tempDataBuffer: list[bytes] = []
        self._tempDataLen = 0
        self.comes: list[Any] = []
        self.looked: Callable[[], object] = lambda: None

    def getHandle(self) -> Any:
        return self

    def send(self, data: bytes) -> int:
        if isinstance(self.takes, Exception):
            raise self.takes
        self.sent.append(data[: self.takes])
        return min(int(self.takes), len(data))

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def writeSequence(self, iovec: Any) -> None:
        self.written.extend(iovec)

    def value(self) -> bytes:
        return b"".join(self.sent + self.written)

    def recv(self, size: int) -> bytes:
        self.looked()
        found = self.comes.pop(0) if self.comes else None
        if isinstance(found, bytes):
            return found
        raise BlockingIOError if found is None else found

    def getPeer(self) -> IPv4Address:
        return IPv4Address("TCP", "127.0.0.1", 1)

    def getHost(self) -> IPv4Address:
        return IPv4Address("TCP", "127.0.0.1", 2)

    def setTcpNoDelay(self, enabled: bool) -> None: ...

    def startReading(self) -> None: ...

    def stopReading(self) -> None: ...

    def abortConnection(self) -> None:
        self.aborted = True

    def loseWriteConnection(self) -> None: ...
