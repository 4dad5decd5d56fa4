"""Call tokens: each is good for one host's functions, and is derived from the control token."""

from __future__ import annotations

import base64
import hashlib
import hmac

from hangerd.control import ControlSecret

EVERYTHING = "*"


class CallTokens:
    """Nothing is stored: a new control token makes new call tokens. Compares in constant time."""

    def __init__(self, control: ControlSecret) -> None:
        self._control = control

    def of(self, host: str) -> str:
        """The call token of a host."""
        digest = hmac.digest(
            self._control.value, b"hangerd call token of " + host.encode(), hashlib.sha256
        )
        return f"{host}:{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    def good_for(self, token: str) -> str | None:
        """The host that a token is good for, EVERYTHING for the control token, None for neither."""
        given = token.encode(errors="replace")
        host = token.partition(":")[0]
        if hmac.compare_digest(given, self._control.value):
            return EVERYTHING
        if hmac.compare_digest(given, self.of(host).encode()):
            return host
        return self.good_for(token) if self._control.is_newer(lambda: True) else None
