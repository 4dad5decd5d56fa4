"""What scripts may raise or catch: `from hangerd.exceptions import NotFound`.

An HTTP exception that leaves a script before its first output becomes the answer's status.
Werkzeug's HTTP exceptions do too: whatever has a class named HTTPException and an integer `code`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class HTTPException(Exception):
    """An answer with a status instead of the page."""

    code: int = 500

    def __init__(self, message: str = "", code: int | None = None) -> None:
        super().__init__(message)
        self.code = code if code is not None else type(self).code
        self.message = message or HTTPStatus(self.code).phrase
        self.headers: list[tuple[str, str]] = []


class HTTPRedirect(HTTPException):
    """Sends the visitor elsewhere: `raise response.redirect('/login.py')`."""

    code = 302

    def __init__(self, url: str, code: int = 302) -> None:
        super().__init__("", code)
        self.headers.append(("Location", url))


class BadRequest(HTTPException):
    """400."""

    code = 400


class Unauthorized(HTTPException):
    """401."""

    code = 401


class Forbidden(HTTPException):
    """403."""

    code = 403


class NotFound(HTTPException):
    """404."""

    code = 404


class MethodNotAllowed(HTTPException):
    """405."""

    code = 405


class PayloadTooLarge(HTTPException):
    """413."""

    code = 413


class TooManyRequests(HTTPException):
    """429."""

    code = 429


class InternalServerError(HTTPException):
    """500."""

    code = 500


class ServiceUnavailable(HTTPException):
    """503."""

    code = 503


class WebSocketException(Exception):
    """The websocket cannot do this now."""

    close_code: ClassVar[int] = 1011


class WebSocketClientClosed(WebSocketException):
    """The visitor closed the websocket."""


class WebSocketServerClosed(WebSocketException):
    """The script closed the websocket."""
