"""The reason phrases of status lines (RFC 9110, section 15), also where Twisted knows none."""

from __future__ import annotations

from http import HTTPStatus

from twisted.web.http import RESPONSES


def reason(status: int) -> bytes:
    """Give the words for a status."""
    known = RESPONSES.get(status)
    if known is not None:
        return known
    return HTTPStatus(status).phrase.encode() if status in list(HTTPStatus) else b"Unknown Status"
