"""Answers that are packed while they are sent: which, how many at a time, and no piece later.

Each piece leaves as soon as it is there, which costs it some 5 bytes. A small window keeps what an
answer holds in memory at 64 KB. Only gzip: it is in the standard library, and everybody reads it.
"""

from __future__ import annotations

import zlib
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.web.http import NO_BODY_CODES
from twisted.web.http_headers import Headers
from twisted.web.server import Request
from zope.interface import implementer

from hangerd.scripts.mime import is_text
from hangerd.scripts.response import Head
from hangerd.web.headers import header, preferred_coding

LEAST: Final = 1024
"""Bytes below which a page that is there as a whole is sent as it is."""
MOST: Final = 500
"""Answers that are packed at a time; others go as they are."""
AT_ONCE: Final = 128 * 1024
"""Bytes of one answer that are packed before others have a turn."""

_TOLD = ("content-length", "content-encoding", "content-range")
_GZIP, _WINDOW, _MEMORY = 16, 13, 6  # zlib: a gzip, a window of 2**13 bytes, tables of 2**15


class Packer:
    """One stream, packed piece by piece."""

    def __init__(self) -> None:
        self._coder = zlib.compressobj(1, zlib.DEFLATED, _GZIP + _WINDOW, _MEMORY)

    def feed(self, data: bytes) -> bytes:
        """Pack a piece so that it can be read at once."""
        return self._coder.compress(data) + self._coder.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        """Give what makes the stream whole."""
        return self._coder.flush()


class Packing:
    """Decides which answers are packed. All share the bound on how many there are."""

    def __init__(self, clock: IReactorTime, most: int = MOST) -> None:
        self.clock = clock
        self._left = most

    def take(self) -> Packer | None:
        """Begin a stream, which has to be given back; None where there are too many."""
        if not self._left:
            return None
        self._left -= 1
        return Packer()

    def give_back(self) -> None:
        """Count a stream out."""
        self._left += 1


@implementer(IPushProducer)
class PackedAnswer:
    """A script's answer, packed if that fits it and its client.

    It stands between the run and the transport, which much text fills slowly once it is packed: so
    it lets the run rest now and then, or nothing else would be done meanwhile.
    """

    def __init__(self, packing: Packing, producer: IPushProducer) -> None:
        self._packing = packing
        self._producer = producer
        self._packer: Packer | None = None
        self._full = False  # the transport
        self._since_rest = 0  # bytes
        self._rest: IDelayedCall | None = None

    def begin(self, request: Request, head: Head) -> None:
        """Decide, and say so in the headers of a request, which has all others."""
        headers = request.responseHeaders
        if not _fits(request, head, headers):
            return
        _vary(headers)
        if not preferred_coding(header(request, "accept-encoding"), ["gzip"]):
            return
        self._packer = self._packing.take()
        if self._packer is None:
            return
        headers.setRawHeaders(b"Content-Encoding", [b"gzip"])
        if tag := headers.getRawHeaders(b"ETag"):
            headers.setRawHeaders(b"ETag", [_weak(tag[-1])])

    def feed(self, data: bytes) -> bytes:
        """Give what to send for a piece."""
        if self._packer is None or not data:
            return data
        self._since_rest += len(data)
        if self._since_rest >= AT_ONCE and self._rest is None:
            self._rest = self._packing.clock.callLater(0, self._rested)
            self._producer.pauseProducing()
        return self._packer.feed(data)

    def end(self) -> bytes:
        """Give what to send when all has been sent."""
        return b"" if self._packer is None else self._packer.end()

    def close(self) -> None:
        """Give back what the answer took; nothing is sent any more."""
        if self._packer is not None:
            self._packer = None
            self._packing.give_back()
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def pauseProducing(self) -> None:
        """Wait: the visitor is slow."""
        self._full = True
        self._producer.pauseProducing()

    def resumeProducing(self) -> None:
        """Go on, unless others have their turn."""
        self._full = False
        if self._rest is None:
            self._producer.resumeProducing()

    def stopProducing(self) -> None:
        """Hear that the visitor is gone."""
        self._producer.stopProducing()

    def _rested(self) -> None:
        self._rest = None
        self._since_rest = 0
        if not self._full:
            self._producer.resumeProducing()


def _fits(request: Request, head: Head, headers: Headers) -> bool:
    """Whether an answer is text without a say of its script's in how it is sent."""
    kind = (headers.getRawHeaders(b"Content-Type") or [b""])[0].decode("latin-1").lower()
    return (
        request.code not in NO_BODY_CODES
        and is_text(kind.partition(";")[0].strip())
        and not kind.startswith("text/event-stream")  # its pieces are small, and proxies know it
        and not any(name in head.fields for name in _TOLD)
        and "no-transform" not in ",".join(head.fields.getlist("cache-control")).lower()
    )


def _vary(headers: Headers) -> None:
    told = b", ".join(headers.getRawHeaders(b"Vary") or [])
    if b"accept-encoding" not in told.lower() and told.strip() != b"*":
        headers.addRawHeader(b"Vary", b"Accept-Encoding")


def _weak(tag: bytes) -> bytes:
    """A tag for the same page in other bytes (RFC 9110, 8.8.3)."""
    return tag if tag.startswith(b"W/") else b"W/" + tag
