"""A small synchronous HTTP/2 client that keeps many requests waiting on one connection."""

from __future__ import annotations

import socket
import ssl
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, ResponseReceived, StreamEnded, StreamReset


@dataclass
class Answer:
    """What came on one stream, so far."""

    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False
    was_reset: bool = False

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.headers[":status"])


class Http2Client:
    """One connection to a TLS port of this host."""

    def __init__(self, port: int, trusted: Path, timeout: float = 20.0) -> None:
        context = ssl.create_default_context(cafile=trusted)
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), timeout)
        self._socket = context.wrap_socket(plain, server_hostname="127.0.0.1")
        assert self._socket.selected_alpn_protocol() == "h2"
        self._h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        self._h2.initiate_connection()
        self._answers: dict[int, Answer] = defaultdict(Answer)
        self._flush()

    def start(self, path: str, body: bytes = b"", method: str = "POST", **headers: str) -> int:
        """Send a request; returns the number of its stream.

        Underscores in header names stand for hyphens.
        """
        stream: int = self._h2.get_next_available_stream_id()
        head = {":method": method, ":scheme": "https", ":authority": "localhost", ":path": path}
        length = {"content-length": str(len(body))}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._h2.send_headers(stream, [*(head | length | named).items()], end_stream=not body)
        self._flush()
        while body and not self._answers[stream].ended:
            window = self._h2.local_flow_control_window(stream)
            size = min(len(body), window, self._h2.max_outbound_frame_size)
            if size:
                self._h2.send_data(stream, body[:size], end_stream=size == len(body))
                body = body[size:]
                self._flush()
            else:
                self._receive()
        return stream

    def finish(self, stream: int) -> Answer:
        """Wait for the answer to a request."""
        while not self._answers[stream].ended:
            self._receive()
        return self._answers.pop(stream)

    def post(self, path: str, body: bytes = b"") -> Answer:
        """Send a request and wait for its answer."""
        return self.finish(self.start(path, body))

    def cancel(self, stream: int) -> None:
        """End a request as a browser does whose page no longer wants it."""
        self._h2.reset_stream(stream)
        self._flush()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _flush(self) -> None:
        self._socket.sendall(self._h2.data_to_send())

    def _receive(self) -> None:
        data = self._socket.recv(65536)
        assert data, "the server closed the connection"
        for event in self._h2.receive_data(data):
            self._take(event)
        self._flush()

    def _take(self, event: Event) -> None:
        match event:
            case ResponseReceived(stream_id=int(stream), headers=list(headers)):
                self._answers[stream].headers = {str(name): str(value) for name, value in headers}
            case DataReceived(stream_id=int(stream), data=data, flow_controlled_length=length):
                self._answers[stream].body += data or b""
                self._h2.acknowledge_received_data(length or 0, stream)
            case StreamEnded(stream_id=int(stream)):
                self._answers[stream].ended = True
            case StreamReset(stream_id=int(stream)):
                self._answers[stream].ended = self._answers[stream].was_reset = True
