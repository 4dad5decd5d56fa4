"""Who may control the daemon: whoever brings the control token in an Authorization header."""

from __future__ import annotations

import base64
import binascii

from twisted.web.http import Request

from hangerd.control import ControlSecret
from hangerd.web.cutting import cut
from hangerd.web.errors import Unauthorized
from hangerd.web.plain import Headed


class ControlToken:
    """Asks requests for it. Cookies never count here."""

    def __init__(self, secret: ControlSecret) -> None:
        self._secret = secret

    def require(self, request: Headed) -> None:
        """Let only the holder of the control token pass.

        Raises:
            Unauthorized: the request has no token, or a wrong one.
        """
        given = presented_token(request)
        if given is None or not self._secret.is_token(given):
            raise Unauthorized(
                "This needs the control token.",
                "Send Authorization: Bearer with what is in the control token file.",
            )

    def require_lasting(self, request: Request) -> None:
        """As `require`, for an answer without an end: it is cut off when the token is changed."""
        self.require(request)
        ended = self._secret.when_changed(lambda: cut(request))
        request.notifyFinish().addBoth(lambda _: ended())

    def is_token(self, given: bytes) -> bool:
        """Whether this is the control token."""
        return self._secret.is_token(given)


def presented_token(request: Headed) -> bytes | None:
    """The token that a request brings: as Bearer, or as a password if no page sent it."""
    scheme, _, credentials = (request.getHeader(b"Authorization") or b"").partition(b" ")
    if scheme.lower() == b"basic" and not _from_a_page(request):
        return _basic_password(credentials.strip())
    return credentials.strip() if scheme.lower() == b"bearer" else None


def _from_a_page(request: Headed) -> bool:
    """Whether a browser sent this for a page, perhaps with a password that it remembered."""
    site = request.getHeader(b"Sec-Fetch-Site")
    return request.getHeader(b"Origin") is not None or site not in {None, b"none"}


def _basic_password(credentials: bytes) -> bytes | None:
    """The password of HTTP's Basic scheme (RFC 7617); the user's name is of no concern."""
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except binascii.Error:
        return None
