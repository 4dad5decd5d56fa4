"""Byte ranges by RFC 9110, section 14: pure, from a Range header and a size to the pieces to send.

A header that is not understood counts as none. So does one that asks for more than the whole, or
for a great many pieces: answering the whole is always right, and costs nobody more than it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_PIECES = 16

_UNIT = re.compile(r"\s*bytes\s*=", re.IGNORECASE | re.ASCII)
_SPEC = re.compile(r"(\d{0,19})-(\d{0,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Piece:
    """`size` bytes from `start` on."""

    start: int
    size: int

    def content_range(self, whole: int) -> str:
        """Give the value of Content-Range for this piece of `whole` bytes."""
        return f"bytes {self.start}-{self.start + self.size - 1}/{whole}"


class NotSatisfiableError(Exception):
    """No byte of what was asked for exists: 416, with `Content-Range: bytes */size`."""


def pieces_of(header: str, size: int) -> list[Piece] | None:
    """Give the pieces that a Range header asks for of `size` bytes, or None for the whole.

    Raises NotSatisfiableError where the header is well-formed and nothing of it can be sent.
    """
    specs = _specs(header)
    if not specs:
        return None
    found = [piece for spec in specs if (piece := _piece(*spec, size)) is not None]
    if not found:
        if size == 0 and any(first is None and last for first, last in specs):
            return None  # a suffix of nothing is the whole nothing, and Content-Range cannot say it
        raise NotSatisfiableError
    if len(found) > MAX_PIECES or sum(piece.size for piece in found) > size:
        return None
    return found


def _specs(header: str) -> list[tuple[int | None, int | None]]:
    unit = _UNIT.match(header)
    if not unit:
        return []
    specs = []
    for text in header[unit.end() :].split(","):
        if not text.strip(" \t"):
            continue  # a list may have empty elements (RFC 9110, 5.6.1)
        match = _SPEC.fullmatch(text.strip(" \t"))
        if not match or match[0] == "-":
            return []
        first = int(match[1]) if match[1] else None
        last = int(match[2]) if match[2] else None
        if first is not None and last is not None and last < first:
            return []
        specs.append((first, last))
    return specs


def _piece(first: int | None, last: int | None, size: int) -> Piece | None:
    if first is None:
        wanted = min(last or 0, size)
        return Piece(size - wanted, wanted) if wanted else None
    if first >= size:
        return None
    end = size if last is None else min(last + 1, size)
    return Piece(first, end - first)
