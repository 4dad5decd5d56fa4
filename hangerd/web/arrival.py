"""What the kernel knows of a client: whether it has left, and what it has taken of an answer."""

from __future__ import annotations

import fcntl
import select
import struct
import termios
from typing import Any


def has_left(transport: Any) -> bool:
    """Whether the client has closed, although nobody reads from the transport to notice it."""
    handle = getattr(transport, "getHandle", lambda: None)()
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
    handle = getattr(transport, "getHandle", lambda: None)()
    if handle is None or handle.fileno() < 0:
        return False
    answer = fcntl.ioctl(handle.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return bool(struct.unpack("i", answer)[0])
