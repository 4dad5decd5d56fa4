"""Whole answers as the bytes that HTTP/1.1 sends, just as Twisted's requests write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from time import time

from twisted.web.http import datetimeToString

from hangerd.web.plain import Answer
from hangerd.web.reasons import reason


@cache
def _status_line(status: int) -> bytes:
    return b"HTTP/1.1 %d %b\r\n" % (status, reason(status))


class WireForm:
    """Puts answers into bytes; what is on each of them is made once a second.

    `now` gives seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float] = time) -> None:
        self._now = now
        self._second = -1
        self._first = b""
        self._common: dict[bytes, bytes] = {}
        self._beginnings: dict[tuple[int, bytes], bytes] = {}

    def common(self) -> dict[bytes, bytes]:
        """The headers that are on all answers."""
        self._renew()
        return self._common

    def lines(self) -> bytes:
        """The same, as the lines that are sent."""
        self._renew()
        return self._first

    def of(self, told: Answer, standing: bytes) -> bytes:
        """Give an answer's bytes; `standing` are header lines that come before its own."""
        # Here and not in `_renew`, which is then called once a second, not for each answer.
        if int(self._now()) != self._second:
            self._renew()
        status, body, content_type, headers, _ = told
        beginning = self._beginnings.get((status, standing))
        if beginning is None:
            beginning = b"%b%b%b" % (_status_line(status), self._first, standing)
            self._beginnings[status, standing] = beginning
        own = header_lines(headers) if headers else b""
        if status == 204:
            return b"%b%b\r\n" % (beginning, own)
        return b"%b%bContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (
            beginning,
            own,
            content_type,
            len(body),
            body,
        )

    def _renew(self) -> None:
        second = int(self._now())
        if second != self._second:
            self._second = second
            self._common = {
                b"Server": b"hangerd",
                b"Date": datetimeToString(second),
                b"X-Content-Type-Options": b"nosniff",
            }
            self._first = header_lines(self._common.items())
            self._beginnings = {}


def header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Give headers as lines; a value stays in its line, whatever is in it."""
    return b"".join(
        [b"%b: %b\r\n" % (name, b" ".join(value.splitlines()).strip()) for name, value in headers]
    )
