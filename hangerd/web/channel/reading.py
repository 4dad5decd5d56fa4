"""A connection's bytes to heads and pieces of bodies, however the bytes were cut. Pure.

A head is read when it is whole, so that limits and errors fall on the same byte for every cut.
Nothing is read before it is asked for: what a client sent ahead waits here, unread. A refusal
ends the reading.
"""

from __future__ import annotations

import re

from hangerd.web.channel.body import Body, ChunkedBody, SizedBody
from hangerd.web.channel.errors import HeadersTooLarge, MalformedRequest, TargetTooLong
from hangerd.web.channel.head import Head, parse_head, parse_usual
from hangerd.web.channel.limits import Limits

_BEGUN = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]*)")
_ORIGIN = re.compile(rb"^origin:[ \t]*([!-~]+)[ \t]*\r\n", re.IGNORECASE | re.MULTILINE)

_KEPT_AT_MOST = 1024  # bytes of a connection's latest request


class Reading:
    """The reading side of one connection: `receive` bytes, then ask for `head` and `piece`."""

    __slots__ = (
        "_body",
        "_few",
        "_latest",
        "_latest_read",
        "_limits",
        "_line_skipped",
        "_short",
        "in_body",
        "unread",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # A head that is not longer breaks neither limit.
        self._short = min(limits.request_line, limits.header_bytes)
        # A head that is not longer has not too many lines: each takes four bytes at least.
        self._few = 4 * limits.header_count
        self._body: Body | None = None
        self.in_body = False
        """Whether the last head's body is not yet whole."""
        self._line_skipped = False
        self.unread = b""
        # A client that polls sends the same again. What has a body is not kept.
        self._latest: bytes | None = None
        self._latest_read: tuple[Head, bytes] | None = None

    def begun(self) -> tuple[bytes, bytes, bytes | None]:
        """Give method, target and Origin of the head that is not read, as far as they came.

        They are printable, since they go into logs; empty or None where there are none.
        """
        line = _BEGUN.match(self.unread)
        origin = _ORIGIN.search(self.unread)
        return line[1] if line else b"", line[2] if line else b"", origin[1] if origin else None

    def receive(self, data: bytes) -> None:
        """Take what the client sent."""
        self.unread = self.unread + data if self.unread else data

    def whole(self, data: bytes) -> tuple[Head, bytes] | None:
        """Read head and body of `data` where that is one request of the usual form, nothing else.

        None: it is not, or `head` is to say what is wrong; then give it to `receive`. Ask only
        when nothing is unread.
        """
        if data == self._latest:
            self._line_skipped = False
            return self._latest_read
        found = parse_usual(data)
        if found is None:
            return None
        head, end = found
        if head.length != len(data) - end or end - 4 > self._short:
            return None
        if end > self._few and data.count(b"\r\n", 0, end - 4) > self._limits.header_count:
            return None
        self._line_skipped = False
        read = head, data[end:]
        if head.length == 0 and len(data) <= _KEPT_AT_MOST:
            self._latest, self._latest_read = data, read
        return read

    def put_back(self, body: bytes) -> None:
        """Have a `body` that `whole` gave read by `piece`."""
        self.unread = body
        self._body = SizedBody(len(body))
        self.in_body = True

    def head(self) -> Head | None:
        """Read the next head; None when it is not whole yet. Ask when the body before is whole.

        Raises:
            Refused: it is not a head that is taken.
        """
        unread = self.unread
        if not self._line_skipped and unread.startswith(b"\r\n"):
            # One empty line before a request is let pass (RFC 9112, section 2.2).
            self._line_skipped = True
            unread = self.unread = unread[2:]
        end = unread.find(b"\r\n\r\n")
        if end < 0:
            if unread:
                self._check_part(unread)
            return None
        if end > self._short or unread.count(b"\r\n", 0, end) > self._limits.header_count:
            self._refuse_size(unread, end)
        head = parse_head(unread[: end + 4])
        self.unread = unread[end + 4 :]
        self._line_skipped = False
        if head.length != 0:
            self._body = (
                ChunkedBody(self._limits) if head.length is None else SizedBody(head.length)
            )
            self.in_body = True
        return head

    def piece(self) -> bytes:
        """Read what there is of the body, maybe nothing. `in_body` then says if it is whole.

        Raises:
            Refused: the body is not framed as it must be.
        """
        body = self._body
        if body is None:
            return b""
        piece, self.unread = body.take(self.unread)
        if body.done:
            self._body = None
            self.in_body = False
        return piece

    def _refuse_size(self, unread: bytes, end: int) -> None:
        limits = self._limits
        line = unread.find(b"\r\n")
        if line > limits.request_line:
            raise _target_too_long()
        if end - line > limits.header_bytes:
            raise _headers_too_large()
        if unread.count(b"\r\n", 0, end) > limits.header_count:
            raise _headers_too_large()

    def _check_part(self, unread: bytes) -> None:
        """Refuse what can become no head, however it goes on."""
        limits = self._limits
        line = unread.find(b"\r\n")
        if line < 0:
            if len(unread) > limits.request_line + 1:
                raise _target_too_long()
        elif line > limits.request_line:
            raise _target_too_long()
        elif len(unread) - line > limits.header_bytes + 3:
            raise _headers_too_large()
        if unread.count(b"\n") != unread.count(b"\r\n"):
            raise MalformedRequest("A line ends in a bare LF.", "End it with CR LF.")
        if unread[0] not in _METHOD_BEGINS and unread != b"\r":
            raise MalformedRequest("This is not HTTP.", "Is it TLS, sent to a port without it?")


_METHOD_BEGINS = frozenset(
    b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)


def _target_too_long() -> TargetTooLong:
    return TargetTooLong("The request line is too long.", "Send what is long in the body.")


def _headers_too_large() -> HeadersTooLarge:
    return HeadersTooLarge("The headers are too many or too long.", "Send fewer cookies, perhaps.")
