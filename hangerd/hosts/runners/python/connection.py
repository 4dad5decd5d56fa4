"""One socket that speaks frames: hands whole messages on, and takes messages from any thread.

Sending never blocks. What the socket does not take waits here and is written by the reading
thread; who produces much asks for room first.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from .frames import (
    PIECE,
    Assembler,
    FrameReader,
    Header,
    Payload,
    ProtocolError,
    encode_frame,
    encode_pieces,
)
from .outbox import Outbox
from .poller import Poller

CHUNK = 64 * 1024
"""Bytes; from twice as many on, each read would map and unmap its memory."""


class Connection:
    """A non-blocking stream socket; `closed(reason)` is called once, in the reading thread."""

    def __init__(
        self,
        sock: socket.socket,
        poller: Poller,
        limit: int,
        receive: Callable[[Header, bytes], None],
        closed: Callable[[str], None],
    ) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._poller = poller
        self._receive = receive
        self._closed = closed
        self._reader = FrameReader()
        self.assembler = Assembler(limit)
        self._lock = threading.Lock()
        self._outbox = Outbox()
        self._unsent: Payload = b""
        self._waiting: list[Callable[[], None]] = []
        self.open = True
        poller.add(self)

    def fileno(self) -> int:
        """Return the socket's descriptor, -1 when closed."""
        return self._sock.fileno()

    def send(self, header: Header, payload: Payload = b"") -> None:
        """Send one message. Any thread; never blocks."""
        small = encode_frame(header, payload) if len(payload) <= PIECE else None
        with self._lock:
            if not self.open:
                return
            blocked = not self._roomy()
            if small is not None and not blocked:
                self._unsent = self._send(small)
                if not self._unsent:
                    return
            else:
                key = "pong" if header["op"] == "pong" else header.get("id")
                frames = encode_pieces(header, payload) if small is None else iter((small,))
                self._outbox.push(key, frames)
            if blocked or self._flush():
                return
        self._poller.write_soon(self)

    def _send(self, frame: Payload) -> Payload:
        """Write what the socket takes of a frame, and return the rest; the lock is held."""
        try:
            sent = self._sock.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            return b""  # gone; reading tells
        return memoryview(frame)[sent:] if sent < len(frame) else b""

    def _roomy(self) -> bool:
        return not self._unsent and not self._outbox

    def _flush(self) -> bool:
        """Write until nothing is left (True) or the socket is full; the lock is held."""
        while frame := self._unsent or self._outbox.next():
            self._unsent = self._send(frame)
            if self._unsent:
                return False
        return True

    def when_roomy(self, task: Callable[[], None]) -> bool:
        """Return True when all was written; else call `task` when it is, or never will be."""
        with self._lock:
            if not self.open or self._roomy():
                return True
            self._waiting.append(task)
            return False

    def writable(self) -> None:
        """Go on writing."""
        with self._lock:
            done = self._flush()
            waiting = self._waiting if done else []
            if done:
                self._waiting = []
        if not done:
            self._poller.write_soon(self)
        for task in waiting:
            task()

    def readable(self) -> None:
        """Take what has come."""
        try:
            chunk = self._sock.recv(CHUNK)
            if chunk:
                self._reader.feed(chunk, self._take)
            else:
                self.close("")
        except BlockingIOError:
            return
        except (OSError, ProtocolError) as error:
            self.close(str(error) or type(error).__name__)
        except Exception as error:  # what one side sends must not end the others' connections
            self.close(f"{type(error).__name__}: {error}")

    def _take(self, header: Header, payload: bytes) -> None:
        if self.open and (message := self.assembler.add(header, payload)):
            self._receive(*message)

    def close(self, reason: str) -> None:
        """End the connection; the reading thread's."""
        with self._lock:
            if not self.open:
                return
            self.open = False
            waiting, self._waiting = self._waiting, []
        self._poller.remove(self._sock.fileno())
        self._sock.close()
        for task in waiting:
            task()
        self._closed(reason)
