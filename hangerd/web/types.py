"""Content types: what a value says it is, and what it is answered as."""

from __future__ import annotations

from hangerd.web.answers import TEXT

BYTES = b"application/octet-stream"
# What a browser's form sends is text too.
_FORM = "application/x-www-form-urlencoded"


def essence(content_type: str) -> str:
    """A type without its parameters, in lower case: "text/plain"; "" where none is told."""
    return content_type.partition(";")[0].strip().lower()


def served_type(content_type: str) -> bytes:
    """The type to answer with: text, or bytes that no browser will interpret."""
    kind = essence(content_type)
    return TEXT if kind in {"", _FORM} or kind.startswith("text/") else BYTES
