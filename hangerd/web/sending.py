"""Sending one static file: the version that fits the client, and as much of it as was asked for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet.interfaces import IReactorTime
from twisted.web.http import datetimeToString
from twisted.web.server import Request

from hangerd.scripts.disk import OpenFile
from hangerd.scripts.paths import StaticFile
from hangerd.web.conditions import Validators, Verdict, range_holds, verdict
from hangerd.web.headers import header, preferred_coding
from hangerd.web.pieces import FilePieces, Part
from hangerd.web.ranges import NotSatisfiableError, Piece, pieces_of
from hangerd.web.refusals import refuse

Open = Callable[[str], OpenFile]


@dataclass(frozen=True, slots=True)
class Version:
    """One representation of a document: the open file, how to read it, what identifies it."""

    opened: OpenFile
    content_type: str
    coding: str | None
    validators: Validators


class FileSender:
    """Sends static files with validators, conditions, ranges and compressed twins (RFC 9110)."""

    def __init__(self, open_file: Open, clock: IReactorTime) -> None:
        self._open = open_file
        self._clock = clock

    def send(self, request: Request, static: StaticFile) -> None:
        """Answer a GET or HEAD with the file, a part of it, or the news that it has not changed."""
        try:
            version = self._version(request, static)
        except FileNotFoundError:
            refuse(request, 404, "URL not found")
            return
        except OSError:
            refuse(request, 403, "This file cannot be read")
            return
        _describe(request, version, static)
        match verdict(version.validators, lambda name: header(request, name)):
            case Verdict.FAILED:
                version.opened.file.close()
                refuse(request, 412, "The file is not the one that was asked for")
            case Verdict.NOT_MODIFIED:
                version.opened.file.close()
                request.setResponseCode(304)
                request.write(b"")
                request.finish()
            case Verdict.SEND:
                _send(request, version)

    def _version(self, request: Request, static: StaticFile) -> Version:
        opened, coding = self._open(static.path), None
        offered = dict(static.encoded)
        chosen = preferred_coding(header(request, "accept-encoding"), offered)
        if chosen is not None:
            twin = self._twin(offered[chosen], opened)
            if twin is not None:
                opened.file.close()
                opened, coding = twin, chosen
        modified = opened.mtime_ns // 1_000_000_000
        validators = Validators(
            etag=f"{opened.mtime_ns:x}-{opened.size:x}-{opened.inode:x}",
            modified=modified,
            settled=self._clock.seconds() - modified > 1,
        )
        return Version(opened, static.content_type, coding, validators)

    def _twin(self, path: str, original: OpenFile) -> OpenFile | None:
        """Open a compressed twin, unless the original was edited since it was made."""
        try:
            twin = self._open(path)
        except OSError:
            return None
        if twin.mtime_ns < original.mtime_ns:
            twin.file.close()
            return None
        return twin


def _describe(request: Request, version: Version, static: StaticFile) -> None:
    """Set the headers that are the same for 200, 206, 304 and 416."""
    request.setHeader(b"etag", b'"%s"' % version.validators.etag.encode())
    request.setHeader(b"last-modified", datetimeToString(version.validators.modified))
    request.setHeader(b"cache-control", b"no-cache")
    request.setHeader(b"accept-ranges", b"bytes")
    request.setHeader(b"x-content-type-options", b"nosniff")
    if static.encoded:
        request.setHeader(b"vary", b"Accept-Encoding")
    if version.coding:
        request.setHeader(b"content-encoding", version.coding.encode())


def _send(request: Request, version: Version) -> None:
    size = version.opened.size
    wanted = header(request, "range") if request.method == b"GET" else None
    if wanted is not None and not range_holds(version.validators, header(request, "if-range")):
        wanted = None
    try:
        pieces = pieces_of(wanted, size) if wanted is not None else None
    except NotSatisfiableError:
        version.opened.file.close()
        request.setHeader(b"content-range", b"bytes */%d" % size)
        request.responseHeaders.removeHeader(b"content-encoding")
        refuse(request, 416, "No such part of the file")
        return
    content_type = version.content_type
    if pieces is None:
        parts = [Part(b"", Piece(0, size))]
    elif len(pieces) == 1:
        parts = [Part(b"", pieces[0])]
        request.setResponseCode(206)
        request.setHeader(b"content-range", pieces[0].content_range(size).encode())
    else:
        boundary = secrets.token_hex(16)
        parts = _framed(pieces, size, content_type, boundary)
        request.setResponseCode(206)
        content_type = f"multipart/byteranges; boundary={boundary}"
    request.setHeader(b"content-type", content_type.encode())
    request.setHeader(b"content-length", b"%d" % sum(part.size for part in parts))
    if request.method == b"HEAD":
        version.opened.file.close()
        request.write(b"")
        request.finish()
    else:
        FilePieces(request, version.opened.file, parts).start()


def _framed(pieces: list[Piece], whole: int, content_type: str, boundary: str) -> list[Part]:
    """Put each piece into the frame of multipart/byteranges (14.6)."""
    parts = [
        Part(
            f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n"
            f"Content-Range: {piece.content_range(whole)}\r\n\r\n".encode(),
            piece,
        )
        for piece in pieces
    ]
    return [*parts, Part(f"\r\n--{boundary}--\r\n".encode(), Piece(0, 0))]
