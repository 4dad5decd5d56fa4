"""What the channel refuses, each with the status that says so (RFC 9110 section 15)."""

from __future__ import annotations

from typing import ClassVar

from hangerd.errors import HangerdError


class Refused(HangerdError):
    """A request that is not taken; the connection is closed after the answer."""

    status: ClassVar[int] = 400


class MalformedRequest(Refused):
    """Not HTTP/1.1 as RFC 9112 writes it, or open to two readings."""

    code = "malformed_request"


class RequestTimedOut(Refused):
    """A request whose rest did not come in time."""

    code = "request_timeout"
    # 408 would be right, but Chromium then sends the request a second time.
    status = 400


class BodyTooLarge(Refused):
    """A body beyond the limit of its request."""

    code = "body_too_large"
    status = 413


class TargetTooLong(Refused):
    """A request line beyond the limit."""

    code = "target_too_long"
    status = 414


class UnknownExpectation(Refused):
    """An `Expect` other than `100-continue`."""

    code = "unknown_expectation"
    status = 417


class HeadersTooLarge(Refused):
    """A header section with too many bytes or lines."""

    code = "headers_too_large"
    status = 431


class NotSupported(Refused):
    """A method or transfer coding that this server does not know."""

    code = "not_supported"
    status = 501


class VersionNotSupported(Refused):
    """A version of HTTP other than 1.0 and 1.1."""

    code = "version_not_supported"
    status = 505
