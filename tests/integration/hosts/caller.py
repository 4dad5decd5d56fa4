"""A program at the door, or at a direct socket, inside the test's own process."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import UNIXClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from hangerd.hosts.wire import Assembler, Decoder, Frame, encode, encode_message

PATIENCE = 20.0


class Caller(Protocol):
    """Sends frames, and keeps what comes, whole messages by their id (0 for none)."""

    def __init__(self) -> None:
        self.decoder = Decoder()
        self.assembler = Assembler()
        self.came: dict[int, list[Frame]] = {}
        self.bytes_came = 0
        self.lost: Deferred[None] = Deferred()
        self._waiting: dict[int, Deferred[None]] = {}
        self._last = 0

    def dataReceived(self, data: bytes) -> None:
        self.bytes_came += len(data)
        for frame in self.decoder.feed(data):
            whole = self.assembler.add(frame)
            if whole is not None:
                number = whole.id or 0
                self.came.setdefault(number, []).append(whole)
                self._wake(number)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.callback(None)
        for number in list(self._waiting):
            self._wake(number)

    def _wake(self, number: int) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            waiting.callback(None)

    def send(self, op: str, payload: bytes = b"", number: int = 0, **header: Any) -> int:
        """Send a message under a new id (or `number`) and return the id."""
        if not number:
            self._last += 1
            number = self._last
        assert self.transport is not None
        for data in encode_message({"op": op, "id": number, **header}, payload):
            self.transport.write(data)
        return number

    def hello(self, **header: Any) -> None:
        assert self.transport is not None
        self.transport.write(encode({"op": "hello", "protocol": 1, **header}))

    async def next(self, number: int) -> Frame:
        """The next message of an id."""
        while not self.came.get(number):
            if self.lost.called:
                raise ConnectionError("closed")
            waiting = self._waiting[number] = Deferred()
            await waiting.addTimeout(PATIENCE, reactor)
        return self.came[number].pop(0)

    async def end(self) -> None:
        """Wait until the other side has closed."""
        await self.lost.addTimeout(PATIENCE, reactor)

    async def ask(self, op: str, payload: bytes = b"", **header: Any) -> Frame:
        """Send, and return the first answer."""
        return await self.next(self.send(op, payload, **header))

    async def call(self, host: str, function: str, *args: Any, **header: Any) -> Any:
        """The value of a call, or the code of its fault."""
        payload = json.dumps({"args": args}).encode()
        frame = await self.ask(
            "call", payload, **{"as": "arguments"}, host=host, function=function, **header
        )
        if frame.op == "fault":
            return frame.header["code"]
        return json.loads(frame.payload)


async def connect(path: str, **hello: Any) -> Caller:
    """Connect and say hello."""
    caller: Caller = await connectProtocol(UNIXClientEndpoint(reactor, path), Caller())
    caller.hello(**hello)
    return caller
