"""Connections that block the calling thread.

A connection is one thread's at a time. Whatever interrupts a wait (Ctrl-C, a signal's exception)
may have lost bytes, so it ends the connection.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final, TypeVar

from hangerd.client.pipes import Address, Pipe, Receiver
from hangerd.client.session import Awaited

Result = TypeVar("Result")

_CHUNK: Final = 64 * 1024  # bytes; from twice as many on, each read would map and unmap its memory
_SLICE: Final = 5.0  # seconds of one look, always the same where that is possible
_AT_ONCE: Final = 0.001
_SEND_WITHIN: Final = 60.0  # seconds for what was written to be taken
_KEEPALIVE: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)


class BlockingPipe:
    """A socket and who takes what comes.

    The kernel keeps the time limits (SO_RCVTIMEO): Python's own cost a call four system calls more.
    """

    def __init__(self, sock: socket.socket, receiver: Receiver) -> None:
        self._sock = sock
        self._receiver = receiver
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self._open = True
        self._process = os.getpid()
        self._limit = 0.0
        self._prepare()

    def _prepare(self) -> None:
        self._sock.settimeout(None)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(_SEND_WITHIN))

    def own(self) -> None:
        """Refuse to touch the connection of a parent, who still uses it."""
        if self._process != os.getpid():
            raise RuntimeError("a stream or lease from before the fork belongs to the parent")

    def write(self, data: bytes) -> None:
        """Send it all."""
        try:
            self._sock.sendall(data)
        except OSError as error:
            self._end(str(error), unread=True)
        except BaseException:
            self._end("interrupted")
            raise

    async def drain(self, deadline: float | None) -> None:
        """Do nothing: all was sent."""

    async def wait(self, awaited: Awaited, deadline: float | None) -> None:
        """Read until it is ready."""
        try:
            while not awaited.ready:
                left = _SLICE if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                data = self._read(left if left < _SLICE else _SLICE)
                if data is not None:
                    self._take(data)
        except TimeoutError:
            raise
        except BaseException:
            self._end("interrupted")
            raise

    def _read(self, seconds: float) -> bytes | None:
        """Return what comes: nothing at the end, None when it does not come in time."""
        if seconds != self._limit:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(seconds))
            self._limit = seconds
        try:
            return self._sock.recv(_CHUNK)
        except BlockingIOError:
            return None
        except OSError as error:
            # A Unix socket says "reset" when the other end was closed with something unread.
            reset = isinstance(error, ConnectionResetError)
            self._end(str(error), unread=reset and self._sock.family == socket.AF_UNIX)
            return b""

    def _take(self, data: bytes) -> None:
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
            data = self._read(_AT_ONCE)
            if data is None:  # what TLS says among itself is nothing
                break
            self._take(data)
        return self._open

    def close(self) -> None:
        """Close the socket."""
        self._end("closed")

    def _end(self, reason: str, unread: bool = False) -> None:
        if self._open:
            self._open = False
            self._sock.close()
            self._receiver.lost(reason, unread)


class TlsPipe(BlockingPipe):
    """A socket with TLS, where only Python's time limits are understood."""

    def _prepare(self) -> None:
        self._sock.settimeout(_SEND_WITHIN)

    def _read(self, seconds: float) -> bytes | None:
        self._sock.settimeout(seconds)
        try:
            return self._sock.recv(_CHUNK)
        except TimeoutError:
            return None
        except OSError as error:
            self._end(str(error))
            return b""
        finally:
            if self._open:
                self._sock.settimeout(_SEND_WITHIN)


def _timeval(seconds: float) -> bytes:
    """Return a struct timeval; 0 would be for ever."""
    whole = int(seconds)
    return struct.pack("ll", whole, max(int((seconds - whole) * 1e6), 0 if whole else 1))


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
        sock = _connect_tcp(address, left)
        return TlsPipe(sock, receiver) if address.tls else BlockingPipe(sock, receiver)

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
        from hangerd.client.tls import trusting

        return trusting(address.ca).wrap_socket(sock, server_hostname=address.host)
    except BaseException:
        sock.close()
        raise
