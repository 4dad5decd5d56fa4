"""What waits to be written to a slow reader: some is kept, then whoever sends it is held."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from hangerd.hosts.sending import Sender

ROOM: Final = 2 * 1024 * 1024
"""Bytes that are kept before whoever sends them is held."""


@implementer(IPushProducer)
class Outbox:
    """The producer of the transport below `sender`. `roomy` is called when there is room again."""

    def __init__(self, sender: Sender, roomy: Callable[[], None]) -> None:
        self._sender = sender
        self._roomy = roomy
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._full = False

    @property
    def overfull(self) -> bool:
        """Return whether more waits than should."""
        return self._size > ROOM

    def write(self, data: bytes) -> None:
        """Write now, or when the reader has read."""
        if self._full:
            self._waiting.append(data)
            self._size += len(data)
        else:
            self._sender.write(data)

    def pauseProducing(self) -> None:
        """Keep what comes."""
        self._full = True

    def resumeProducing(self) -> None:
        """Write what was kept, until the reader is behind again."""
        self._full = False
        was = self.overfull
        while self._waiting and not self._full:
            data = self._waiting.popleft()
            self._size -= len(data)
            self._sender.write(data)
        if was and not self.overfull:
            self._roomy()

    def stopProducing(self) -> None:
        """Keep nothing: the reader has gone."""
        self._waiting.clear()
        self._size = 0


@implementer(IPushProducer)
class Gate:
    """A transport that several may pause: it is read again when all of them have let it."""

    def __init__(self, transport: IPushProducer) -> None:
        self._transport = transport
        self._pauses = 0

    def pauseProducing(self) -> None:
        """Stop reading, once for each pause."""
        self._pauses += 1
        if self._pauses == 1:
            self._transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Take one pause back."""
        self._pauses -= 1
        if self._pauses == 0:
            self._transport.resumeProducing()

    def stopProducing(self) -> None:
        """Do nothing: nobody but the connection ends itself."""
