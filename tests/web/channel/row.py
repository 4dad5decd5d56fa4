"""One row of the table of raw requests, and the bytes that rows are made of."""

from __future__ import annotations

from typing import NamedTuple

Served = tuple[bytes, bytes, bytes]


class Row(NamedTuple):
    name: str
    raw: bytes
    served: list[Served]
    refused: int | None


def taken(name: str, raw: bytes, *served: Served) -> Row:
    return Row(name, raw, list(served), None)


def refused(name: str, status: int, raw: bytes, *served: Served) -> Row:
    return Row(name, raw, list(served), status)


GET = (b"GET", b"/", b"")
POST = (b"POST", b"/", b"hello")
H = b"Host: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
LONG = b"x" * 17000
NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def get(*lines: bytes) -> bytes:
    return b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def post(*lines: bytes, body: bytes = b"hello") -> bytes:
    head = b"POST / HTTP/1.1\r\nHost: a\r\n" + b"".join(line + b"\r\n" for line in lines)
    return head + b"\r\n" + body
