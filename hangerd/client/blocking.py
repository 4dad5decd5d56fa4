"""Connections that block the calling thread, and what runs the client's coroutines in it.

A connection is one thread's at a time. Whatever interrupts a wait (Ctrl-C, a signal's exception)
may have lost bytes, so it ends the connection.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final, TypeVar

from hangerd.client.pipes import Address, Pipe, Receiver
from hangerd.client.session import Awaited

Result = TypeVar("Result")

_CHUNK: Final = 256 * 1024
_SEND_WITHIN: Final = 60.0  # seconds for what was written to be taken
_KEEPALIVE: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine whose awaits all block, and so never suspend it."""
    try:
        work.send(None)
    except StopIteration as done:
        found: Result = done.value
        return found
    work.close()
    raise RuntimeError("a coroutine of another kind of client cannot be waited for here")


class BlockingPipe:
    """A socket and who takes what comes."""

    def __init__(self, sock: socket.socket, receiver: Receiver) -> None:
        self._sock = sock
        self._receiver = receiver
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self._open = True
        self._process = os.getpid()

    def _own(self) -> None:
        """Refuse to touch the connection of a parent, who still uses it."""
        if self._process != os.getpid():
            raise RuntimeError("a stream or lease from before the fork belongs to the parent")

    def write(self, data: bytes) -> None:
        """Send it all."""
        self._own()
        try:
            self._sock.settimeout(_SEND_WITHIN)
            self._sock.sendall(data)
        except OSError as error:
            self._end(str(error))
        except BaseException:
            self._end("interrupted")
            raise

    async def drain(self, deadline: float | None) -> None:
        """Do nothing: all was sent."""

    async def wait(self, awaited: Awaited, deadline: float | None) -> None:
        """Read until it is ready."""
        self._own()
        try:
            while not awaited.ready:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError
                self._sock.settimeout(left)
                self._receive()
        except TimeoutError:
            raise
        except BaseException:
            self._end("interrupted")
            raise

    def _receive(self) -> None:
        try:
            data = self._sock.recv(_CHUNK)
        except TimeoutError:
            raise
        except OSError as error:
            self._end(str(error))
            return
        if not data:
            self._end("the other side closed the connection")
            return
        try:
            self._receiver.feed(data)
        except Exception as error:
            self._end(str(error))

    def look(self) -> bool:
        """Read what is there."""
        while self._open and self._poll.poll(0):
            self._sock.settimeout(0.0)
            self._receive()
        return self._open

    def close(self) -> None:
        """Close the socket."""
        self._end("closed")

    def _end(self, reason: str) -> None:
        if self._open:
            self._open = False
            self._sock.close()
            self._receiver.lost(reason)


class BlockingIo:
    """Blocks the thread that calls."""

    shared = False

    def now(self) -> float:
        """As time.monotonic."""
        return time.monotonic()

    async def open(self, address: Address, receiver: Receiver, deadline: float | None) -> Pipe:
        """Connect, with TLS where that is asked for."""
        left = None if deadline is None else max(0.001, deadline - time.monotonic())
        if address.path:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                sock.settimeout(left)
                sock.connect(address.path)
            except BaseException:
                sock.close()
                raise
            return BlockingPipe(sock, receiver)
        return BlockingPipe(_connect_tcp(address, left), receiver)

    def lock(self) -> AbstractAsyncContextManager[Any]:
        """Nothing: threads have connections of their own, and may make them at once."""
        return nullcontext()

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Do it here: this thread waits for it in any case."""
        return work()


def _connect_tcp(address: Address, timeout: float | None) -> socket.socket:
    sock = socket.create_connection((address.host, address.port), timeout)
    try:
        for level, option, value in _KEEPALIVE:
            sock.setsockopt(level, option, value)
        if not address.tls:
            return sock
        import ssl

        return ssl.create_default_context().wrap_socket(sock, server_hostname=address.host)
    except BaseException:
        sock.close()
        raise
