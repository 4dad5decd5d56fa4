"""Sending one static file: the version that fits the client, and as much of it as was asked for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet.interfaces import IReactorTime
from twisted.web.http import datetimeToString
from twisted.web.server import Request

from hangerd.scripts.disk import OpenFile
from hangerd.scripts.paths import StaticFile, not_found
from hangerd.web.conditions import Validators, Verdict, range_holds, verdict
from hangerd.web.headers import header, preferred_coding
from hangerd.web.pieces import FilePieces, Part
from hangerd.web.ranges import NotSatisfiableError, Piece, pieces_of
from hangerd.web.refusals import refuse

Open = Callable[[str], OpenFile]

# Seconds in which a file may change twice and keep its time: the tick of a file system's clock.
_TICK = 0.02


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
            gone = not_found(request.uri)
            refuse(request, gone.status, gone.text)
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
        return Version(opened, static.content_type, coding, self._validators(opened))

    def _validators(self, opened: OpenFile) -> Validators:
        now = self._clock.seconds()
        etag = f"{opened.mtime_ns:x}-{opened.size:x}-{opened.inode:x}"
        if abs(now - opened.mtime_ns / 1e9) < _TICK:
            etag += f"-{int(now * 1e9):x}"  # good for this answer only
        # no date later than now may be told (8.8.2.1)
        return Validators(etag, modified=min(opened.mtime_ns // 1_000_000_000, int(now)))

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


def _send(request: Request, version: Version) -> None:
    size = version.opened.size
    try:
        pieces = _wanted_pieces(request, version)
    except NotSatisfiableError:
        version.opened.file.close()
        request.setHeader(b"content-range", b"bytes */%d" % size)
        refuse(request, 416, "No such part of the file")
        return
    content_type, parts = _framed(pieces or [Piece(0, size)], size, version.content_type)
    if pieces:
        request.setResponseCode(206)
    if pieces and len(pieces) == 1:
        request.setHeader(b"content-range", pieces[0].content_range(size).encode())
    if version.coding:
        request.setHeader(b"content-encoding", version.coding.encode())
    request.setHeader(b"content-type", content_type.encode())
    request.setHeader(b"content-length", b"%d" % sum(part.size for part in parts))
    if request.method == b"HEAD":
        version.opened.file.close()
        request.write(b"")
        request.finish()
    else:
        FilePieces(request, version.opened.file, parts).start()


def _wanted_pieces(request: Request, version: Version) -> list[Piece] | None:
    """Read Range, which is defined for GET only (14.2); None for the whole file."""
    ranges = header(request, "range") if request.method == b"GET" else None
    if ranges is None or not range_holds(version.validators, header(request, "if-range")):
        return None
    pieces = pieces_of(ranges, version.opened.size)
    if pieces and len(pieces) > 1 and version.coding:
        return None  # a coding on a multipart would count for its frame too
    return pieces


def _framed(pieces: list[Piece], whole: int, content_type: str) -> tuple[str, list[Part]]:
    """Give the content type and the parts to send; several pieces make a multipart (14.6)."""
    if len(pieces) == 1:
        return content_type, [Part(b"", pieces[0])]
    boundary = secrets.token_hex(16)
    parts = [
        Part(
            f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n"
            f"Content-Range: {piece.content_range(whole)}\r\n\r\n".encode(),
            piece,
        )
        for piece in pieces
    ]
    end = Part(f"\r\n--{boundary}--\r\n".encode(), Piece(0, 0))
    return f"multipart/byteranges; boundary={boundary}", [*parts, end]
