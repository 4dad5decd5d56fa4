"""A tiny synchronous speaker of docs/wire.md, to try the runners without the daemon.

It shares no code with hangerd: what both misread alike would otherwise go unnoticed.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

PIECE = 256 * 1024
PATIENCE = 20.0
"""Seconds after which a silent runner counts as hung."""

Header = dict[str, Any]


class EndedError(Exception):
    """The other side has closed the socket."""


class Wire:
    """One socket that speaks frames."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        sock.settimeout(PATIENCE)
        self._unread: list[tuple[Header, bytes]] = []
        self._pieces: dict[tuple[str, int | None], tuple[Header, list[bytes]]] = {}
        self._last_id = 0

    def close(self) -> None:
        self.sock.close()

    def send_frame(self, header: Header, payload: bytes = b"") -> None:
        text = json.dumps(header).encode()
        lengths = struct.pack("!II", 4 + len(text) + len(payload), len(text))
        self.sock.sendall(lengths + text + payload)

    def send(self, header: Header, payload: bytes = b"") -> None:
        last = max(len(payload) - 1, 0) // PIECE * PIECE
        for at in range(0, last, PIECE):
            self.send_frame({**header, "more": True}, payload[at : at + PIECE])
            header = {"op": header["op"], "id": header.get("id")}
        self.send_frame(header, payload[last:])

    def read_frame(self) -> tuple[Header, bytes]:
        size, head = struct.unpack("!II", self._exactly(8))
        body = self._exactly(size - 4)
        return json.loads(body[:head]), body[head:]

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            try:
                part = self.sock.recv(min(size, 1 << 20))
            except ConnectionResetError:
                part = b""
            if not part:
                raise EndedError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def read(self) -> tuple[Header, bytes]:
        """Return the next whole message, as it comes."""
        while True:
            header, payload = self.read_frame()
            key = (header["op"], header.get("id"))
            begun = self._pieces.setdefault(key, (header, []))
            begun[1].append(payload)
            if not header.get("more"):
                del self._pieces[key]
                return begun[0], b"".join(begun[1])

    def wait_for(self, op: str, number: int | None = None) -> tuple[Header, bytes]:
        """Return the next message of this operation (and id); keep the others for later."""
        for index, (header, _) in enumerate(self._unread):
            if header["op"] == op and number in (None, header.get("id")):
                return self._unread.pop(index)
        while True:
            header, payload = self.read()
            if header["op"] == op and number in (None, header.get("id")):
                return header, payload
            self._unread.append((header, payload))

    def begin(self, function: str, payload: bytes = b"", **header: Any) -> int:
        """Send a call and return its id."""
        self._last_id += 1
        self.send({"op": "call", "id": self._last_id, "function": function, **header}, payload)
        return self._last_id

    def outcome(self, number: int) -> tuple[Header, bytes]:
        """Return what ends the call: its result, end or fault."""
        for index, (header, _) in enumerate(self._unread):
            if header.get("id") == number and header["op"] in {"result", "end", "fault"}:
                return self._unread.pop(index)
        while True:
            header, payload = self.read()
            if header.get("id") == number and header["op"] in {"result", "end", "fault"}:
                return header, payload
            self._unread.append((header, payload))

    def call(self, function: str, value: Any = None, **header: Any) -> Any:
        """Call with JSON (None: nothing given) and return the value, or raise AssertionError."""
        payload = b"" if value is None else json.dumps(value).encode()
        answer, body = self.outcome(self.begin(function, payload, **header))
        assert answer["op"] == "result", (answer, body)
        return body if answer.get("type") == "bytes" else json.loads(body)

    def fault(self, function: str, value: Any = None, **header: Any) -> tuple[str, dict[str, Any]]:
        """Call and return (code, fault), or raise AssertionError when it does not fail."""
        payload = b"" if value is None else json.dumps(value).encode()
        return self.fault_of(self.begin(function, payload, **header))

    def fault_of(self, number: int) -> tuple[str, dict[str, Any]]:
        answer, body = self.outcome(number)
        assert answer["op"] == "fault", (answer, body)
        return answer["code"], json.loads(body)

    def items(self, number: int) -> Iterator[Any]:
        """Yield the items of a stream until its end, giving credit for each."""
        while True:
            header, payload = self.read()
            if header.get("id") != number:
                self._unread.append((header, payload))
            elif header["op"] == "item":
                yield payload if header.get("type") == "bytes" else json.loads(payload)
                self.send({"op": "credit", "id": number, "items": 1})
            else:
                assert header["op"] == "end", (header, payload)
                return


# The sockets get the numbers that hangerd gives them, and no others of ours are left.
SHIM = (
    'a=$1 b=$2; shift 2; exec 3<&"$a" 4<&"$b"; eval "exec $a<&- $b<&-"; '
    'HANGERD_SOCKET_FD=3 HANGERD_LISTEN_FD=4 exec "$@"'
)


class Program(Wire):
    """A runner as a process, on a socket pair, with its output in files."""

    def __init__(self, argv: Sequence[str], env: dict[str, str] | None = None) -> None:
        ours, theirs = socket.socketpair()
        super().__init__(ours)
        self._folder = tempfile.TemporaryDirectory(prefix="runner")
        self.listener = socket.socket(socket.AF_UNIX)
        self.address = str(Path(self._folder.name) / "direct")
        self.listener.bind(self.address)
        self.listener.listen()
        self._log = {name: Path(self._folder.name) / name for name in ("stdout", "stderr")}
        fds = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD, 10) for each in (theirs, self.listener)]
        theirs.close()
        names = {"HANGERD_HOST": "tried", "HANGERD_INSTANCE": "0"}
        with self._log["stdout"].open("wb") as out, self._log["stderr"].open("wb") as err:
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", SHIM, "shim", *map(str, fds), *argv],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                pass_fds=fds,
                env={"PATH": os.environ["PATH"], **(env or {}), **names},
            )
        for each in fds:
            os.close(each)
        self.ready: dict[str, Any] = {}

    def start(self, **settings: Any) -> None:
        """Send `start` and nothing more."""
        defaults = {"protocol": 1, "host": "tried", "instance": 0, "module": None, "path": None}
        more = {"threads": 1, "pickle": False, "checkpoint": None, "max_message": 256 << 20}
        self.send({"op": "start"}, json.dumps({**defaults, **more, **settings}).encode())

    def boot(self, **settings: Any) -> None:
        """Start and wait until it is ready."""
        self.start(**settings)
        header, payload = self.read()
        assert header["op"] == "ready", (header, payload, self.log("stderr"))
        self.ready = json.loads(payload)

    def log(self, name: str) -> str:
        return self._log[name].read_bytes().decode(errors="replace")

    def direct(self, ticket: str = "good", ttl: float = 5) -> Wire:
        """Open a direct connection with a ticket of its own."""
        self.send({"op": "ticket", "ticket": ticket, "ttl": ttl})
        wire = self.connect()
        wire.send({"op": "hello", "protocol": 1, "ticket": ticket})
        return wire

    def connect(self) -> Wire:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(self.address)
        return Wire(sock)

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        """End the process, whatever it does, and forget its files."""
        self.close()
        self.listener.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._folder.cleanup()
