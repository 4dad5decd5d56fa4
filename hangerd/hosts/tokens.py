"""Call tokens: each is good for one host's functions, and is derived from the control token."""

from __future__ import annotations

import base64
import hashlib
import hmac

EVERYTHING = "*"


class CallTokens:
    """Nothing is stored: a new control token makes new call tokens. Compares in constant time."""

    def __init__(self, control: str) -> None:
        self._control = control.encode()

    def of(self, host: str) -> str:
        """The call token of a host."""
        digest = hmac.digest(
            self._control, b"hangerd call token of " + host.encode(), hashlib.sha256
        )
        return f"{host}:{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    def good_for(self, token: str) -> str | None:
        """The host that a token is good for, EVERYTHING for the control token, None for neither."""
        given = token.encode(errors="replace")
        if hmac.compare_digest(given, self._control):
            return EVERYTHING
        host = token.partition(":")[0]
        return host if hmac.compare_digest(given, self.of(host).encode()) else None
