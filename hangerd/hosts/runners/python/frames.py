"""Frames of docs/wire.md as bytes: cuts what is sent, finds what has come, joins pieces.

Knows no socket and no operation. Raises ProtocolError alone. Sizes are bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

Header = dict[str, Any]
Payload = bytes | bytearray | memoryview

MAX_FRAME = 16 * 1024 * 1024
MAX_HEADER = 64 * 1024
PIECE = 256 * 1024
IN_PIECES = frozenset({"call"})
"""Of what a runner receives, only this may come in pieces."""

_LENGTHS = struct.Struct("!II")
_dumps = json.JSONEncoder(separators=(",", ":")).encode
_decoder = json.JSONDecoder()


class ProtocolError(Exception):
    """The other side does not speak the protocol."""


def parse_json(text: str) -> Any:
    """As json.loads; for a small value its search for white space around costs as much as all."""
    try:
        value, end = _decoder.raw_decode(text)
    except ValueError:
        end = -1
    return value if end == len(text) else _decoder.decode(text)


def encode_frame(header: Header, payload: Payload = b"") -> bytes:
    """Return one frame."""
    text = _header_text(header)
    lengths = _LENGTHS.pack(4 + len(text) + len(payload), len(text))
    return b"".join((lengths, text, payload))


def _header_text(header: Header) -> bytes:
    """Return a header as JSON; the one that is sent most without the encoder."""
    if header["op"] == "result" and len(header) == 3 and "type" in header:
        return b'{"op":"result","id":%d,"type":"%b"}' % (header["id"], header["type"].encode())
    return _dumps(header).encode()


def encode_pieces(header: Header, payload: Payload) -> Iterator[bytes]:
    """Yield the frames of one message, each made when it is asked for."""
    view = memoryview(payload)
    last = max(len(view) - 1, 0) // PIECE * PIECE
    short = {"op": header["op"]}
    if "id" in header:
        short["id"] = header["id"]
    for at in range(0, last, PIECE):
        yield encode_frame({**(short if at else header), "more": True}, view[at : at + PIECE])
    yield encode_frame(short if last else header, view[last:])


class FrameReader:
    """Finds frames in a stream of chunks."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes, receive: Callable[[Header, bytes], None]) -> None:
        """Call receive(header, payload) for every frame that the chunk completes."""
        kept = self._buffer
        come: bytes | bytearray = chunk
        if kept:
            kept += chunk
            come = kept
        at, length = 0, len(come)
        while length - at >= 8:
            size, head = _LENGTHS.unpack_from(come, at)
            if size > MAX_FRAME or head > MAX_HEADER or 4 + head > size:
                raise ProtocolError(f"a frame of {size} bytes with a header of {head}")
            end = at + 4 + size
            if end > length:
                break
            split = at + 8 + head
            header = _parse(come[at + 8 : split])
            payload = chunk[split:end] if come is chunk else bytes(memoryview(come)[split:end])
            at = end
            receive(header, payload)
        if come is kept:
            del kept[:at]
        elif at < length:
            kept += memoryview(chunk)[at:]


def _parse(text: bytes | bytearray) -> Header:
    try:
        header = parse_json(text.decode())
    except (ValueError, RecursionError):
        raise ProtocolError("a header that is not JSON") from None
    if not isinstance(header, dict) or not isinstance(header.get("op"), str):
        raise ProtocolError("a header without an operation")
    number = header.get("id", 1)
    if not isinstance(number, int) or number < 1:
        raise ProtocolError("an id that is not a whole number from 1")
    return header


class _Unfinished:
    """A message whose pieces have not all come; `parts` is None once it was dropped."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.parts: list[bytes] | None = []
        self.size = 0


class Assembler:
    """Puts the pieces of calls together; `limit` is the largest whole payload."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._unfinished: dict[Any, _Unfinished] = {}

    def add(self, header: Header, payload: bytes) -> tuple[Header, bytes] | None:
        """Return the whole message that this frame completes, if it does."""
        more = header.get("more", False)
        if not more and not self._unfinished and "id" in header and len(payload) <= self.limit:
            return header, payload  # by far the most often
        if header["op"] not in IN_PIECES:
            if more:
                raise ProtocolError(f"{header['op']!r} in pieces")
            return header, payload
        if "id" not in header:
            raise ProtocolError("a call without an id")
        number = header["id"]
        begun = self._unfinished.get(number)
        if begun is None and not more:
            if len(payload) > self.limit:
                raise ProtocolError("a message over the limit")
            return header, payload
        if begun is None:
            begun = self._unfinished[number] = _Unfinished(header)
        return self._piece(begun, number, payload, more)

    def _piece(
        self, begun: _Unfinished, number: int, payload: bytes, more: bool
    ) -> tuple[Header, bytes] | None:
        if more and not payload:
            raise ProtocolError("an empty piece")
        if not more:
            del self._unfinished[number]
        if begun.parts is None:
            return None
        begun.size += len(payload)
        if begun.size > self.limit:
            raise ProtocolError("a message over the limit")
        begun.parts.append(payload)
        return None if more else (begun.header, b"".join(begun.parts))

    def drop(self, number: Any) -> bool:
        """Forget a call whose pieces have not all come; say whether there was one."""
        begun = self._unfinished.get(number)
        if begun is None or begun.parts is None:
            return False
        begun.parts = None
        return True
