"""Sending pieces of an open file: exactly as many bytes as were promised, or a broken connection.

twisted.web.static's producers send until the file's end; here the length was announced, and a file
that grows must not run into the next answer, nor one that shrinks leave the client (or a loop of
ours) waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from twisted.internet.interfaces import IPullProducer
from twisted.web.server import Request
from zope.interface import implementer

from hangerd.web.cutting import cut
from hangerd.web.files.ranges import Piece
from hangerd.web.packing import Packer

BLOCK = 65536  # bytes read at a time: what the transport sends at once


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of our own (of a multipart's frame), then a piece of the file."""

    frame: bytes
    piece: Piece

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.frame) + self.piece.size


@implementer(IPullProducer)
class FilePieces:
    """Writes the parts to a request, one block a time the transport has room, then finishes it.

    The file is closed at the end, when the client leaves, and when the file turns out shorter than
    it was; then the connection is cut, so that nobody takes the answer for whole.
    """

    def __init__(
        self,
        request: Request,
        file: BinaryIO,
        parts: Sequence[Part],
        packer: Packer | None = None,
    ) -> None:
        """Take what is sent, and what packs it, if it is to be packed on its way."""
        self._request = request
        self._file = file
        self._packer = packer
        self._parts = list(reversed(parts))
        self._frame = b""
        self._left = 0
        self._registered = False

    def start(self) -> None:
        """Send it all at once where it fits in a block; else whenever there is room."""
        self._request.notifyFinish().addBoth(lambda _: self._file.close())
        if sum(part.size for part in self._parts) > BLOCK:
            self._registered = True
            self._request.registerProducer(self, False)
        else:
            while not self._file.closed:
                self.resumeProducing()

    def resumeProducing(self) -> None:
        """Write one block."""
        if self._file.closed:
            return
        if not self._left and not self._frame:
            if not self._parts:
                self._end()
                return
            self._next()
        block = self._file.read(min(BLOCK, self._left)) if self._left else b""
        if self._left and not block:
            self._cut()
            return
        self._left -= len(block)
        frame, self._frame = self._frame, b""
        told = frame + block
        self._request.write(told if self._packer is None else self._packer.feed(told))

    def stopProducing(self) -> None:
        """Close the file: the client is gone."""
        self._file.close()

    def _next(self) -> None:
        part = self._parts.pop()
        self._frame, self._left = part.frame, part.piece.size
        self._file.seek(part.piece.start)

    def _end(self) -> None:
        self._file.close()
        if self._registered:
            self._request.unregisterProducer()
        if self._packer is not None:
            self._request.write(self._packer.end())
        self._request.finish()

    def _cut(self) -> None:
        self._file.close()
        if self._registered:
            self._request.unregisterProducer()
        cut(self._request)
