"""One request to a Site in memory: raw bytes in, the parsed answer out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import IResource
from twisted.web.server import Site


@dataclass(frozen=True)
class Answer:
    """A whole answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    closed: bool

    def __getitem__(self, name: str) -> str | None:
        return self.headers.get(name)


def exchange(resource: IResource, raw: bytes, turn: Callable[[], None] | None = None) -> Answer:
    """Send bytes to a new connection of a Site and read the one answer, after `turn`."""
    protocol = Site(resource, reactor=Clock(), timeout=None).buildProtocol(None)
    assert protocol is not None
    transport = StringTransport()
    protocol.makeConnection(transport)
    protocol.dataReceived(raw)
    if turn is not None:
        turn()
    answer = parse(transport.value(), transport.disconnecting)
    protocol.connectionLost(Failure(ConnectionDone()))
    return answer


def parse(data: bytes, closed: bool = False) -> Answer:
    """Take an answer apart."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    return Answer(int(first.split(" ")[1]), headers, body, closed)


def get(resource: IResource, target: str, method: str = "GET", **headers: str) -> Answer:
    """Ask for a target; `if_range="x"` is the header If-Range."""
    lines = [f"{method} {target} HTTP/1.1", "Host: test"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return exchange(resource, "\r\n".join([*lines, "", ""]).encode("latin-1"))
