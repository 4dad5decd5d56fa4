"""`websocket` in a script: messages to and from one visitor, for coroutines.

All that a script sends takes its place among what it prints, and is bounded with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from hangerd.scripts.exceptions import (
    WebSocketClientClosed,
    WebSocketException,
    WebSocketServerClosed,
)
from hangerd.scripts.incoming import Incoming, Message
from hangerd.scripts.response import Head

# RFC 6455, 5.5: what a ping or pong carries; 7.4.2: codes that an application may send.
_CONTROL_BYTES = 125
_CODES = frozenset({1000, 1001, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


class Peer(Protocol):
    """The visitor's end of a websocket. Everything is called on the reactor thread."""

    def accept(self, head: Head, subprotocol: str | None = None) -> None:
        """Answer the handshake, if it is not answered yet."""

    def send(self, head: Head, data: str | bytes) -> None:
        """Send a message, of text or of bytes."""

    def ping(self, data: bytes) -> None:
        """Send a ping."""

    def pong(self, data: bytes) -> None:
        """Send a pong that nobody asked for."""

    def close(self, head: Head, code: int, reason: str) -> None:
        """Close the websocket."""


@dataclass(frozen=True)
class Link:
    """A websocket that a visitor has asked for."""

    peer: Peer
    incoming: Incoming
    subprotocols: tuple[str, ...] = ()


class Speaker(Protocol):
    """What the websocket needs of its run."""

    head: Head

    async def before_output(self) -> None:
        """Let the response middleware see the headers, and freeze them."""

    async def drained(self) -> None:
        """Wait until the visitor has taken enough."""

    def post(self, call: Callable[[], object], size: int = 0) -> None:
        """Have `call` made on the reactor thread, in its place among the output."""

    def lift_time_limit(self, lifted: bool) -> None:
        """Have no limit of time, or the usual one again."""


class WebSocket:
    """One websocket. To be used in coroutines; `async for message in websocket` is all it takes.

    Messages are `str` (text) and `bytearray` (binary). While it is open the script has no limit of
    time. When the visitor has left, iteration ends; all else raises WebSocketClientClosed.
    """

    def __init__(self, link: Link, run: Speaker) -> None:
        self._peer = link.peer
        self._incoming = link.incoming
        self._run = run
        self.subprotocols = link.subprotocols  # as the visitor offers them
        self.accepted = False

    async def accept(self, subprotocol: str | None = None) -> None:
        """Open the websocket; the first use of it does so too.

        Raises ValueError for a subprotocol that was not offered.
        """
        if self.accepted:
            return
        if subprotocol is not None and subprotocol not in self.subprotocols:
            raise ValueError(f"{subprotocol!r} is not among the offered: {self.subprotocols}")
        self.accepted = True
        await self._run.before_output()
        self._run.lift_time_limit(True)
        self._incoming.when_ended(lambda: self._run.lift_time_limit(False))
        self._run.post(lambda: self._peer.accept(self._run.head, subprotocol))

    async def recv(self) -> Message:
        """Wait for the next message. Raises WebSocketClientClosed, WebSocketServerClosed."""
        await self.accept()
        return await self._incoming.get()

    async def receive(self, timeout: float | None = None) -> Message:
        """Wait as `recv` does, for at most `timeout` seconds; then raise TimeoutError."""
        return await asyncio.wait_for(self.recv(), timeout)

    async def send(self, data: str | bytes | bytearray | memoryview, **_: Any) -> None:
        """Send a message; waits while the visitor is slow. Raises as `recv` does."""
        if not isinstance(data, str | bytes | bytearray | memoryview):
            raise TypeError(f"send() takes str or bytes, not {type(data).__name__}")
        body = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else bytes(data)
        message = body.decode() if isinstance(data, str) else body
        await self._open()
        self._run.post(lambda: self._peer.send(self._run.head, message), len(body))
        await self._run.drained()

    async def ping(self, data: bytes = b"") -> None:
        """Send a ping; the daemon sends some by itself. Raises as `recv` does."""
        payload = _control(data)
        await self._open()
        self._run.post(lambda: self._peer.ping(payload))

    async def pong(self, data: bytes = b"") -> None:
        """Send a pong; pings are answered without it. Raises as `recv` does."""
        payload = _control(data)
        await self._open()
        self._run.post(lambda: self._peer.pong(payload))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the websocket; what the visitor still sends is not heard.

        Raises ValueError for a code that no application may send.
        """
        if code not in _CODES and not 3000 <= code <= 4999:
            raise ValueError(f"{code} is no code that can be sent: use 1000, or 3000 to 4999")
        await self.accept()
        if self._incoming.ended is None:
            self._incoming.end(WebSocketServerClosed(f"closed with {code}"))
            self._run.post(lambda: self._peer.close(self._run.head, code, reason))

    async def __aiter__(self) -> AsyncIterator[Message]:
        """Yield messages until one side closes."""
        while True:
            try:
                message = await self.recv()
            except (WebSocketClientClosed, WebSocketServerClosed):
                return
            yield message

    async def _open(self) -> None:
        await self.accept()
        self._incoming.check()


def _control(data: bytes) -> bytes:
    if len(data) > _CONTROL_BYTES:
        raise WebSocketException(f"a ping carries at most {_CONTROL_BYTES} bytes")
    return bytes(data)
