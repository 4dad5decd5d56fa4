"""Sending one static file: the version that fits the client, and as much of it as was asked for."""

from __future__ import annotations

import secrets

from twisted.web.http import datetimeToString
from twisted.web.server import Request

from hangerd.scripts.paths import StaticFile, not_found
from hangerd.web.files.conditions import Verdict, range_holds, verdict
from hangerd.web.files.pieces import FilePieces, Part
from hangerd.web.files.ranges import NotSatisfiableError, Piece, pieces_of
from hangerd.web.files.refusals import refuse
from hangerd.web.files.versions import Version, Versions
from hangerd.web.headers import header
from hangerd.web.packing import Packing


class FileSender:
    """Sends static files with validators, conditions, ranges and compressed versions (RFC 9110)."""

    def __init__(self, versions: Versions, packing: Packing | None = None) -> None:
        """Take who chooses, and where packers are given back."""
        self._versions = versions
        self._packing = packing

    def send(self, request: Request, static: StaticFile) -> None:
        """Answer a GET or HEAD with the file, a part of it, or the news that it has not changed."""
        try:
            version = self._versions.choose(
                static,
                header(request, "accept-encoding"),
                ranged=request.method == b"GET" and header(request, "range") is not None,
            )
        except FileNotFoundError:
            gone = not_found(request.uri)
            refuse(request, gone.status, gone.text)
            return
        except OSError:
            refuse(request, 403, "This file cannot be read")
            return
        _describe(request, version)
        if version.packer is not None and self._packing is not None:
            give_back = self._packing.give_back
            request.notifyFinish().addBoth(lambda _: give_back())
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


def _describe(request: Request, version: Version) -> None:
    """Set the headers that are the same for 200, 206, 304 and 416."""
    request.setHeader(b"etag", b'"%s"' % version.validators.etag.encode())
    request.setHeader(b"last-modified", datetimeToString(version.validators.modified))
    request.setHeader(b"cache-control", b"no-cache")
    if version.packer is None:
        request.setHeader(b"accept-ranges", b"bytes")
    request.setHeader(b"x-content-type-options", b"nosniff")
    if version.varies:
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
    if version.packer is None:
        request.setHeader(b"content-length", b"%d" % sum(part.size for part in parts))
    if request.method == b"HEAD":
        version.opened.file.close()
        request.write(b"")
        request.finish()
    else:
        FilePieces(request, version.opened.file, parts, version.packer).start()


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
