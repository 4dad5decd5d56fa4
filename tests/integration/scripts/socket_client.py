"""A websocket client for tests: one plain socket, and wsproto on it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto import events as ws

Message = str | bytes


class SocketClient:
    """One websocket. Every wait ends after `timeout` seconds, with TimeoutError."""

    def __init__(self, port: int, path: str, timeout: float = 20, **handshake: Any) -> None:
        self.link = socket.create_connection(("127.0.0.1", port), timeout)
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._events: Iterator[ws.Event] = self._read()
        self._send(ws.Request(f"127.0.0.1:{port}", path, **handshake))
        answer = next(self._events)
        self.status = answer.status_code if isinstance(answer, ws.RejectConnection) else 101
        self.subprotocol = getattr(answer, "subprotocol", None)
        self.close_code = 0

    def send(self, message: Message) -> None:
        """Send a message."""
        self._send(
            ws.TextMessage(message) if isinstance(message, str) else ws.BytesMessage(message)
        )

    def recv(self) -> Message | None:
        """Return the next message; None when the daemon has closed."""
        whole: list[Any] = []
        for event in self._events:
            match event:
                case ws.Message():
                    whole.append(event.data)
                    if event.message_finished:
                        found: Message = ("" if isinstance(event.data, str) else b"").join(whole)
                        return found
                case ws.Ping():
                    self._send(event.response())
                case ws.CloseConnection():
                    self.close_code = event.code
                    self._send(event.response())
                    return None
        return None

    def told(self) -> dict[str, Any]:
        """Return the next message as JSON."""
        told: dict[str, Any] = json.loads(self.recv() or "null")
        return told

    def close(self, code: int = 1000) -> None:
        """Close, and wait until the daemon has too."""
        self._send(ws.CloseConnection(code))
        while self.link.recv(65536):
            pass

    def _send(self, event: ws.Event) -> None:
        self.link.sendall(self._connection.send(event))

    def _read(self) -> Iterator[ws.Event]:
        while True:
            yield from self._connection.events()
            data = self.link.recv(65536)
            if not data:
                return
            self._connection.receive_data(data)


@contextmanager
def websocket(port: int, path: str, **handshake: Any) -> Iterator[SocketClient]:
    """Open a websocket for a while."""
    client = SocketClient(port, path, **handshake)
    with client.link:
        yield client
