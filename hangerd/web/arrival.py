"""What the kernel knows of a client: whether it has left, and what it has taken of an answer."""

from __future__ import annotations

import fcntl
import select
import socket
import struct
import termios
from collections.abc import Callable
from typing import Any, Final

from hangerd.direct_send import plain_connection, unsent

VANISHED: Final = 50.0
"""Seconds without a word from a client that was sent something."""

# tcpi_last_ack_recv of struct tcp_info (linux/tcp.h): milliseconds.
_LAST_ACK = struct.Struct("56xI")


def has_left(transport: Any) -> bool:
    """Whether the client has closed, although nobody reads from the transport to notice it."""
    below = plain_connection(transport) or transport  # TLS has no socket of its own
    handle = getattr(below, "getHandle", lambda: None)()
    if handle is None or handle.fileno() < 0:
        return False
    question = select.poll()
    # Errors and hang-ups are always told; of a close in order one must ask.
    question.register(handle.fileno(), select.POLLRDHUP)
    return bool(question.poll(0))


def unacknowledged(transport: Any) -> bool:
    """Whether bytes written to a plain transport are not yet on the other side.

    They are in Twisted's buffers, or the kernel holds them until the client's kernel has them:
    SIOCOUTQ of tcp(7) and unix(7), which Linux gives the number of TIOCOUTQ.
    """
    if transport.dataBuffer or transport._tempDataBuffer:
        return True
    return bool(_held_by_kernel(transport))


def untaken(transport: object) -> int | None:
    """Count the bytes that were written and that the client's kernel has not; None: not known.

    While nobody writes, a smaller number says that the client still takes something.
    """
    plain = plain_connection(transport)
    return None if plain is None else (unsent(plain) or 0) + _held_by_kernel(plain)


def has_vanished(transport: object) -> bool:
    """Whether a client of TCP has not acknowledged for long what it was sent, not even a probe.

    TCP itself would give it a quarter of an hour. The kernel's own limit, TCP_USER_TIMEOUT, would
    end those too who only read slowly: a window that is mostly closed looks the same to it.
    """
    plain = plain_connection(transport)
    if plain is None or not _held_by_kernel(plain):
        return False
    handle = plain.getHandle()
    if handle.family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    told = handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_ACK.size)
    silent: int = _LAST_ACK.unpack(told)[0]
    return silent >= VANISHED * 1000


def _held_by_kernel(transport: Any) -> int:
    handle = getattr(transport, "getHandle", lambda: None)()
    if handle is None or handle.fileno() < 0:
        return 0
    answer = fcntl.ioctl(handle.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    count: int = struct.unpack("i", answer)[0]
    return count


class Deliveries:
    """The answers of one connection of whose arrival somebody wants to know.

    There are several when a client pipelines. Each is told once whether it was lost.
    """

    __slots__ = ("_left_early", "asked")

    def __init__(self) -> None:
        self.asked: list[Callable[[bool], None]] = []
        """Those who are to be told; empty where nobody wants to know."""
        self._left_early = False

    def ask(self, settled: Callable[[bool], None]) -> None:
        """Want to know how the answer that is about to be written goes: `settled(lost)`."""
        self.asked.append(settled)

    def settle(self, *, lost: bool) -> None:
        """Tell those who asked."""
        asked, self.asked = self.asked, []
        for settled in asked:
            settled(lost)

    def judge(self, transport: Any) -> None:
        """Tell them by what the client's side has taken so far."""
        if self.asked:
            self.settle(lost=unacknowledged(transport))

    def client_closed(self, transport: Any) -> None:
        """The client closed: before it had an answer, while that was on its way, or after."""
        if self.asked:
            self.judge(transport)
        else:
            # Whatever is answered before this close has gone its way is lost.
            self._left_early = True

    def connection_lost(self, *, clean: bool) -> None:
        """The connection is gone, and whether in good order."""
        self.settle(lost=self._left_early or not clean)
