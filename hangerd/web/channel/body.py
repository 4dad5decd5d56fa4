"""A body's bytes out of a connection's bytes: sized, or chunked. Pure.

Each piece is handed on as it comes; what follows the body is handed back. Chunks are read here
and not by llhttp, because it neither says where in its input a message ended nor stops there.
Trailers are checked and dropped, as RFC 9112 section 7.1.2 allows. Source: RFC 9112 sections 6.2
and 7.1.
"""

from __future__ import annotations

import re
from typing import Protocol

from hangerd.web.channel.errors import HeadersTooLarge, MalformedRequest
from hangerd.web.channel.limits import Limits

_NAME = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_SIZE_LINE = re.compile(
    rb"([0-9A-Fa-f]{1,16})((?:[ \t]*;[ \t]*"
    + _NAME
    + rb"(?:[ \t]*=[ \t]*(?:"
    + _NAME
    + rb"|"
    + _QUOTED
    + rb"))?)*)"
)
_TRAILER = re.compile(_NAME + rb":[\t -~\x80-\xff]*")


class Body(Protocol):
    """A body that is being received."""

    done: bool

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Give the body's bytes in `data`, and those not used: part of a line, or what follows."""
        ...


class SizedBody:
    """A body of `length` bytes."""

    __slots__ = ("_left", "done")

    def __init__(self, length: int) -> None:
        self._left = length
        self.done = length == 0

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """See `Body.take`."""
        piece = data[: self._left]
        self._left -= len(piece)
        self.done = self._left == 0
        return piece, data[len(piece) :]


class ChunkedBody:
    """A body in chunks, up to the end of its trailer section."""

    __slots__ = (
        "_at_chunk_end",
        "_extensions",
        "_in_trailer",
        "_left",
        "_limits",
        "_trailer_bytes",
        "_trailer_lines",
        "done",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = 0
        self._at_chunk_end = False
        self._in_trailer = False
        self._extensions = 0
        self._trailer_bytes = 0
        self._trailer_lines = 0
        self.done = False

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """See `Body.take`.

        Raises:
            Refused: the chunks are not written as they must be.
        """
        pieces: list[bytes] = []
        at = 0
        while not self.done:
            if self._left:
                piece = data[at : at + self._left]
                if not piece:
                    break
                pieces.append(piece)
                self._left -= len(piece)
                self._at_chunk_end = not self._left
                at += len(piece)
                continue
            line = self._line(data, at)
            if line is None:
                break
            self._read_line(line)
            at += len(line) + 2
        return b"".join(pieces), data[at:]

    def _line(self, data: bytes, at: int) -> bytes | None:
        """Give the line at `at` without its CRLF, None when it is not whole."""
        most = self._longest_line()
        end = data.find(b"\n", at, at + most + 2)
        if end < 0:
            if len(data) - at >= most + 2:
                self._too_long()
            return None
        if end == at or data[end - 1] != 13:
            raise MalformedRequest("A line of the body ends in a bare LF.", "End it with CR LF.")
        return data[at : end - 1]

    def _longest_line(self) -> int:
        if self._in_trailer:
            return self._limits.header_bytes - self._trailer_bytes
        return 0 if self._at_chunk_end else 16 + self._limits.chunk_extension_bytes

    def _too_long(self) -> None:
        if self._in_trailer:
            raise HeadersTooLarge("The trailer section is too long.", "Send fewer trailers.")
        if self._at_chunk_end:
            raise MalformedRequest("A chunk is longer than it says.", "End it with CR LF.")
        raise MalformedRequest("A chunk's size line is too long.", "Send fewer chunk extensions.")

    def _read_line(self, line: bytes) -> None:
        if self._in_trailer:
            self._read_trailer(line)
        elif self._at_chunk_end:
            self._at_chunk_end = False
        else:
            self._read_size(line)

    def _read_size(self, line: bytes) -> None:
        sized = _SIZE_LINE.fullmatch(line)
        if sized is None:
            raise MalformedRequest("A chunk has no proper size.", "Send it in hexadecimal digits.")
        self._extensions += len(sized[2])
        if self._extensions > self._limits.chunk_extension_bytes:
            raise MalformedRequest("There are too many chunk extensions.", "Send fewer.")
        self._left = int(sized[1], 16)
        self._in_trailer = not self._left

    def _read_trailer(self, line: bytes) -> None:
        if not line:
            self.done = True
            return
        self._trailer_lines += 1
        self._trailer_bytes += len(line) + 2
        if (
            self._trailer_lines > self._limits.header_count
            or self._trailer_bytes > self._limits.header_bytes
        ):
            raise HeadersTooLarge("The trailer section is too long.", "Send fewer trailers.")
        if not _TRAILER.fullmatch(line):
            raise MalformedRequest("A trailer is no header line.", "Send a name, a colon, a value.")
