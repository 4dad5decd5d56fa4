"""A site in memory for the channel's tests: what was served, and what the client saw."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from hangerd.web.channel import ChannelParts, Limits, channel_protocol
from hangerd.web.channel.head import Head

MARK = (b"X-Mark", b"refused")


class Transport(StringTransport):
    """Keeps what is written, and in how many writes; loses its connection as TCP does."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.protocol: Any = None
        self.half_closed = False
        self.unregistered = 0
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        super().write(data)

    def writeSequence(self, data: Any) -> None:
        self.write(b"".join(data))

    def unregisterProducer(self) -> None:
        assert self.producer is not None, "there is none"
        self.unregistered += 1
        super().unregisterProducer()

    def loseWriteConnection(self) -> None:
        self.half_closed = True

    def loseConnection(self) -> None:
        self.disconnecting = True

    def abortConnection(self) -> None:
        self.aborted = True

    def resumeProducing(self) -> None:
        self.producerState = "producing"

    @property
    def reading(self) -> bool:
        return self.producerState == "producing"


class RecordedRequest(Request):
    """Tells the recorder what reached a request."""

    channel: Any
    content: Any

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self.content.seek(0)
        self.channel.site.resource.served.append((command, path, self.content.read()))
        super().requestReceived(command, path, version)


class Recorder(Resource):
    """Notes each request; answers at once, or when told to."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.served: list[tuple[bytes, bytes, bytes]] = []
        self.requests: list[Request] = []
        self.held = False

    def render(self, request: Request) -> Any:
        self.requests.append(request)
        if self.held:
            return NOT_DONE_YET
        request.setHeader(b"Content-Length", b"2")
        request.write(b"ok")
        request.finish()
        return NOT_DONE_YET


class DirectRequest:
    """Notes a request that goes the direct road; answers at once, unless it is for /later."""

    startedWriting = 0

    def __init__(self, channel: Any, head: Head) -> None:
        self._channel = channel
        self.method, self.uri = head.method, head.target

    def getHeader(self, name: bytes) -> bytes | None:
        return None

    def begin(self, body: bytes) -> None:
        self._channel.site.resource.served.append((self.method, self.uri, body))
        if self.uri != b"/later":
            self._channel.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            self._channel.requestDone(self)

    def connectionLost(self, reason: object) -> None: ...


class Rig:
    """One connection to a site that has `resource` at its root."""

    def __init__(
        self,
        resource: Any = None,
        limits: Limits | None = None,
        request: Any = None,
        transport: Any = None,
        direct: Any = None,
    ) -> None:
        self.clock = Clock()
        self.resource = Recorder() if resource is None else resource
        self.parts = ChannelParts(
            self.clock, limits or Limits(), lambda channel: [MARK], 1.0, direct=direct
        )
        request = request or (RecordedRequest if resource is None else Request)
        site = Site(
            self.resource,
            requestFactory=request,
            reactor=self.clock,
            parsePOSTFormSubmission=False,
        )
        self.site = cast(Any, site)
        self.site.protocol = channel_protocol(self.parts)
        self.logged: list[Any] = []
        self.site.log = self.logged.append
        self.protocol = self.site.buildProtocol(None)
        self.channel = self.protocol._channel
        self.transport = Transport() if transport is None else transport
        self.transport.protocol = self.protocol
        self.protocol.makeConnection(self.transport)

    def send(self, *pieces: bytes) -> bytes:
        """Receive each piece in a turn of its own; give all that was answered until now."""
        for piece in pieces:
            if not self.transport.disconnecting:
                self.protocol.dataReceived(piece)
                self.turn()
        return self.seen

    def turn(self) -> None:
        """Let the reactor turn end."""
        self.clock.advance(0)

    @property
    def seen(self) -> bytes:
        value: bytes = self.transport.value()
        return value

    def lose(self) -> None:
        """Have the client leave."""
        self.protocol.connectionLost(Failure(ConnectionDone()))


def statuses(seen: bytes) -> list[int]:
    """The statuses of the answers in `seen`, all of whose bodies are ours."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] ([0-9]{3}) ", seen)]


def refusal(seen: bytes) -> dict[str, str]:
    """The JSON of the last answer in `seen`."""
    told: dict[str, str] = json.loads(seen.rpartition(b"\r\n\r\n")[2])
    return told
