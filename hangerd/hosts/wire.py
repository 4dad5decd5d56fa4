"""The codec of docs/wire.md: bytes to frames, frames to bytes, pieces to messages.

It knows no sockets and no time. Whatever it is fed, it raises WireError alone, and stays broken.
A byte is copied a bounded number of times: work and memory are linear in what is fed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json, to_json

from hangerd.hosts.errors import WireError

MAX_FRAME: Final = 16 * 1024 * 1024
MAX_HEADER: Final = 64 * 1024
MAX_MESSAGE: Final = 256 * 1024 * 1024
MAX_ID: Final = 2**53 - 1
PIECE: Final = 256 * 1024
PROTOCOL: Final = 1

IN_PIECES: Final = frozenset({"call", "result", "item", "fault", "ready", "watch"})

_LENGTHS: Final = struct.Struct("!II")


@dataclass(init=False, slots=True)
class Frame:
    """One frame, or one whole message when its pieces were put together.

    Of its header it tells `op`, `id` (None where the operation has none), and with `more` whether
    further pieces of this message follow.
    """

    header: Mapping[str, Any]
    payload: bytes
    op: str
    id: int | None
    more: bool

    def __init__(self, header: Mapping[str, Any], payload: bytes = b"") -> None:
        self.header = header
        self.payload = payload
        self.op = header["op"]
        self.id = header.get("id")
        self.more = header.get("more", False)


def encode(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """Return one frame as bytes. Raises WireError when it is too large for a frame."""
    try:
        text = to_json(header, inf_nan_mode="null")
    except ValueError as error:
        raise WireError(f"a header cannot be written as JSON: {error}") from None
    length = 4 + len(text) + len(payload)
    if len(text) > MAX_HEADER or length > MAX_FRAME:
        raise WireError(
            f"a header of {len(text)} and a payload of {len(payload)} bytes do not fit a frame",
            "Send the payload in pieces.",
        )
    return b"".join((_LENGTHS.pack(length, len(text)), text, payload))


def encode_message(header: Mapping[str, Any], payload: bytes = b"") -> Iterator[bytes]:
    """Yield the frames of one message, cut into pieces of PIECE bytes."""
    if len(payload) <= PIECE:
        yield encode(header, payload)
        return
    short = {key: header[key] for key in ("op", "id") if key in header}
    last = len(payload) - (len(payload) % PIECE or PIECE)
    yield encode({**header, "more": True}, payload[:PIECE])
    for at in range(PIECE, last, PIECE):
        yield encode({**short, "more": True}, payload[at : at + PIECE])
    yield encode(short, payload[last:])


def json_payload(value: object) -> bytes:
    """Return `value` as the payload of a frame of type json."""
    return to_json(value, inf_nan_mode="null")


def parse_json(payload: bytes) -> Any:
    """Return what a JSON payload says. Raises WireError when it is not JSON."""
    try:
        return from_json(payload, allow_inf_nan=False)
    except ValueError as error:
        raise WireError(f"a payload is not JSON: {error}") from None


class Decoder:
    """Bytes in, frames out. Feed it what a socket gives, in any cuts."""

    def __init__(self, max_frame: int = MAX_FRAME) -> None:
        self._max_frame = max_frame
        self._buffer = bytearray()
        self._broken: WireError | None = None

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that `data` completes; must be exhausted before the next feed.

        Raises WireError after the good frames that came before the bad one.
        """
        if self._broken is not None:
            raise self._broken
        kept = self._buffer
        come: bytes | bytearray = data
        if kept:
            kept += data
            come = kept
        at, size = 0, len(come)
        try:
            while size - at >= 8:
                length, header = _LENGTHS.unpack_from(come, at)
                if length > self._max_frame or header > MAX_HEADER or length < 4 + header:
                    raise WireError(f"impossible lengths: frame {length}, header {header} bytes")
                end: int = at + 4 + length
                if end > size:
                    break
                split = at + 8 + header
                yield Frame(_header(bytes(come[at + 8 : split])), bytes(come[split:end]))
                at = end
        except WireError as error:
            self._broken = error
            kept.clear()
            raise
        if come is kept:
            del kept[:at]  # moves the start of a bytearray, not its bytes
        elif at < size:
            kept += memoryview(come)[at:]


def _header(text: bytes) -> Mapping[str, Any]:
    """Check what every receiver relies on: an object, its op, its id, its more."""
    header = parse_json(text)
    if not isinstance(header, dict) or not isinstance(header.get("op"), str):
        raise WireError("a header is not a JSON object with an op")
    number = header.get("id")
    if number is not None and not (type(number) is int and 1 <= number <= MAX_ID):
        raise WireError(f"an id is not a whole number from 1: {number!r:.40}")
    if "more" in header and not isinstance(header["more"], bool):
        raise WireError("more is neither true nor false")
    return header


class Assembler:
    """Puts the pieces of messages together, by their id (or their op where there is none)."""

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        self._max = max_message
        self._unfinished: dict[int | str, list[Frame]] = {}
        self._sizes: dict[int | str, int] = {}

    def add(self, frame: Frame) -> Frame | None:
        """Return the whole message that this piece completes, or None. Raises WireError."""
        key = frame.op if frame.id is None else frame.id
        pieces = self._unfinished.get(key)
        if pieces is None and not frame.more:
            return frame
        _check_piece(frame, pieces)
        if pieces is not None and pieces[0].op != frame.op:  # a fault cuts off what was begun
            self.drop(key)
            return self.add(frame)
        size = self._sizes.get(key, 0) + len(frame.payload)
        if size > self._max:
            raise WireError(f"a message has more than {self._max} bytes")
        if frame.more:
            self._sizes[key] = size
            self._unfinished.setdefault(key, []).append(frame)
            return None
        assert pieces is not None  # noqa: S101 - the first return took the other case
        self.drop(key)
        payload = b"".join([*(piece.payload for piece in pieces), frame.payload])
        header = {name: value for name, value in pieces[0].header.items() if name != "more"}
        return Frame(header, payload)

    def drop(self, key: int | str) -> None:
        """Forget the pieces of one message."""
        self._unfinished.pop(key, None)
        self._sizes.pop(key, None)


def _check_piece(frame: Frame, before: list[Frame] | None) -> None:
    """Refuse pieces that would mix messages or cost memory without end."""
    if frame.op not in IN_PIECES:
        raise WireError(f"{frame.op!r:.40} does not come in pieces")
    if before and before[0].op != frame.op and frame.op != "fault":
        raise WireError(f"a piece of {frame.op} in the middle of a {before[0].op}")
    if frame.more and not frame.payload:
        raise WireError("a piece before the last is empty")
