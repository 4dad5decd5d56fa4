"""Which pages of other origins may use the slots, as the Fetch standard has it (CORS protocol)."""

from __future__ import annotations

from collections.abc import Sequence

Headers = list[tuple[bytes, bytes]]

EXPOSED = (
    b"Hanger-Protocol, Hanger-State, Hanger-Lease, Hanger-Closed, Hanger-Content-Type, Retry-After"
)
METHODS = b"GET, HEAD, POST, DELETE, OPTIONS"


class CorsPolicy:
    """Says which headers an answer carries for a request's Origin."""

    def __init__(self, origins: Sequence[str], *, credentials: bool) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origin.encode("ascii", "replace") for origin in origins)
        self._credentials = credentials

    def allows(self, origin: bytes | None) -> bool:
        """Whether a page of this origin may use the slots; who names none is no other page."""
        return origin is None or self._any or origin in self._origins

    def headers(self, origin: bytes | None) -> Headers:
        """The headers of any answer, an error's too."""
        if self._any:
            allowed = [(b"Access-Control-Allow-Origin", b"*")]
        elif origin is not None and origin in self._origins:
            allowed = [(b"Access-Control-Allow-Origin", origin), (b"Vary", b"Origin")]
            if self._credentials:
                allowed.append((b"Access-Control-Allow-Credentials", b"true"))
        else:
            return [(b"Vary", b"Origin")]
        return [*allowed, (b"Access-Control-Expose-Headers", EXPOSED)]

    def preflight(self, asked_headers: bytes | None, *, private_network: bool) -> Headers:
        """What more the answer to a preflight says; `asked_headers` as the browser listed them."""
        told = [(b"Access-Control-Allow-Methods", METHODS), (b"Access-Control-Max-Age", b"86400")]
        if asked_headers:
            told.append((b"Access-Control-Allow-Headers", asked_headers))
        if private_network:
            told.append((b"Access-Control-Allow-Private-Network", b"true"))
        return told
