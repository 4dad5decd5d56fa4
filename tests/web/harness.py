"""The whole daemon, as `tap` composes it, on a reactor in memory: bytes go in, answers come out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IAddress
from twisted.internet.task import LoopingCall
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import CorsSettings, HttpSettings, Settings, SlotsSettings
from hangerd.lag import LagService
from hangerd.tap import compose

PEER = IPv4Address("TCP", "192.0.2.7", 40000)
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """One response, with its header names in lower case."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header that is there at most once."""
        values = self.headers.get(name.lower(), [])
        assert len(values) < 2, (name, values)
        return values[0] if values else None

    @property
    def json(self) -> Any:
        """The body as JSON, which it says to be."""
        assert self.header("content-type") == "application/json", self
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body as plain text, which it says to be."""
        assert self.header("content-type") == "text/plain; charset=utf-8", self
        return self.body.decode()


class Wire(StringTransport):
    """A TCP transport in memory: with the buffers and the half close of Twisted's."""

    def __init__(self, peer: IAddress) -> None:
        super().__init__(peerAddress=peer, lenient=True)
        self.dataBuffer = b""
        self._tempDataBuffer: list[bytes] = []
        self.half_closed = False
        self.aborted = False

    def loseWriteConnection(self) -> None:
        """Close our side only; as with Twisted's TCP, `disconnecting` does not show it."""
        self.half_closed = True

    def unregisterProducer(self) -> None:
        """Forget the producer; as with Twisted's TCP, there need be none."""
        if self.producer is not None:
            super().unregisterProducer()

    def abortConnection(self) -> None:
        """End at once."""
        self.aborted = True
        super().abortConnection()


class Client:
    """One connection to a door."""

    def __init__(self, protocol: Any, peer: IAddress) -> None:
        self.wire = Wire(peer)
        self.protocol = protocol
        self._methods: list[str] = []
        protocol.makeConnection(self.wire)

    def send(self, data: bytes, *, piece: int = 0) -> None:
        """Send bytes, in pieces of that size if told."""
        for start in range(0, len(data), piece or max(1, len(data))):
            self.protocol.dataReceived(data[start : start + piece if piece else None])

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Headers = (), *, piece: int = 0
    ) -> None:
        """Send a request; its length is told when it has a body."""
        self._methods.append(method)
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        lines += [f"{name}: {value}" for name, value in pairs]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body, piece=piece)

    @property
    def answers(self) -> list[Answer]:
        """All that has come back, in order; half an answer is an error."""
        found: list[Answer] = []
        data = self.wire.value()
        while data:
            head, blank, data = data.partition(b"\r\n\r\n")
            assert blank, head
            status, *lines = head.decode("latin-1").split("\r\n")
            headers: dict[str, list[str]] = {}
            for line in lines:
                name, _, value = line.partition(": ")
                headers.setdefault(name.lower(), []).append(value)
            assert "transfer-encoding" not in headers, "an answer of slots has a length"
            code = int(status.split(" ")[1])
            method = self._methods[len(found)] if len(found) < len(self._methods) else "GET"
            bare = method == "HEAD" or code == 204
            size = 0 if bare else int(headers["content-length"][0])
            assert len(data) >= size, (len(data), size)
            found.append(Answer(code, headers, data[:size]))
            data = data[size:]
        return found

    @property
    def answer(self) -> Answer:
        """The one answer that has come back."""
        [answer] = self.answers
        return answer

    @property
    def waiting(self) -> bool:
        """Whether nothing has come back, and the connection is open."""
        return not self.wire.value() and not self.wire.disconnecting

    def leave(self, *, cleanly: bool = True) -> None:
        """End the connection from the client's side: with its FIN first, or by a reset."""
        if cleanly:
            self.protocol.readConnectionLost()
        self.protocol.connectionLost(Failure(ConnectionDone() if cleanly else ConnectionLost()))


class Daemon:
    """All of hangerd, started; a test turns its clock."""

    def __init__(
        self,
        test: SynchronousTestCase,
        *,
        slots: SlotsSettings | None = None,
        cors: CorsSettings | None = None,
        http: HttpSettings | None = None,
        settings: Settings | None = None,
        channel: Literal["hangerd", "twisted"] = "twisted",
    ) -> None:
        self.clock = MemoryReactorClock()
        state_dir = Path(test.mktemp())
        self.settings = replace(
            settings or Settings(),
            calls="none",
            state_dir=state_dir,
            slots=slots or SlotsSettings(),
            cors=cors or CorsSettings(),
            # Our own channel has its own tests; here its timers would count as left over.
            http=replace(http or HttpSettings(), channel=channel),
        )
        self.service: Any = compose(self.clock, self.settings, {})
        self.service.privilegedStartService()
        self.service.startService()
        for call, args, kwargs in self.clock.whenRunningHooks:
            call(*args, **kwargs)
        self.token = (state_dir / "control-token").read_text().strip()
        self.events: list[LogEvent] = []
        # One object, since the publisher drops observers by equality.
        hear = cast(ILogObserver, self.events.append)
        globalLogPublisher.addObserver(hear)
        test.addCleanup(globalLogPublisher.removeObserver, hear)

    def connect(self, door: str = "public", peer: IAddress = PEER) -> Client:
        """Open a connection to a door."""
        factory = self.clock.tcpServers[("public", "admin").index(door)][1]
        return Client(factory.buildProtocol(peer), peer)

    def start(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Headers = (),
        *,
        door: str = "public",
        peer: IAddress = PEER,
    ) -> Client:
        """Ask on a connection of its own."""
        client = self.connect(door, peer)
        client.request(method, path, body, headers)
        return client

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Headers = (), **kwargs: Any
    ) -> Answer:
        """Ask, and have the answer at once."""
        return self.start(method, path, body, headers, **kwargs).answer

    def open(self, query: str = "") -> str:
        """Open a legacy slot."""
        return self.ask("POST", f"/hanger/open/{query}").text

    def open_split(self, query: str = "") -> tuple[str, str]:
        """Open a slot of version 2: its read and its write token."""
        told = self.ask("POST", f"/hanger/open/?v=2{query}").json
        return told["read"], told["write"]

    @property
    def timers(self) -> list[Any]:
        """The timers that are set, but for those by which the daemon looks at itself."""
        calls: Any = self.clock.getDelayedCalls()
        own = (LoopingCall, LagService)
        return [c for c in calls if not isinstance(getattr(c.func, "__self__", c.func), own)]

    @property
    def counts(self) -> dict[str, int]:
        """What the daemon holds, as its operator sees it (without the asking connection)."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        client = self.start("GET", "/-/slots", headers=bearer, door="admin")
        self.clock.advance(0)  # our channel answers at the end of a turn
        told: dict[str, int] = client.answer.json
        client.leave()
        return told | {"connections": told["connections"] - 1}

    @property
    def access_log(self) -> list[LogEvent]:
        """The events of the access log so far."""
        return [e for e in self.events if e.get("log_namespace") == "hangerd.access"]


UNIX_PEER = UNIXAddress(b"")
