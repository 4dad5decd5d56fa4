"""The answer to a request for a file that there is none to send for."""

from __future__ import annotations

from http import HTTPStatus

from twisted.web.server import Request

from hangerd.web.notices import notice


def refuse(request: Request, status: int, text: str) -> None:
    """Answer with this status and text (already safe in HTML), and finish the request."""
    title = f"{status} {HTTPStatus(status).phrase}"
    notice(request, status, title, f"<p>{text}</p>", text)


def refuse_method(request: Request) -> None:
    """Answer that what is there can only be read."""
    request.setHeader(b"allow", b"GET, HEAD")
    refuse(request, 405, "A file can only be read")
