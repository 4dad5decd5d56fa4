"""Reading request headers: whole values as text, and what a client accepts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from twisted.web.iweb import IRequest
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header


def header(request: IRequest, name: str) -> str | None:
    """Give a header's value, its lines joined as a list (RFC 9110, 5.3), None where absent.

    Bytes above ASCII come as Latin-1, so that no header can fail to be read.
    """
    lines = request.requestHeaders.getRawHeaders(name.encode("ascii"))
    return b", ".join(lines).decode("latin-1") if lines else None


@lru_cache(maxsize=256)
def accepts_html(accept: str | None) -> bool:
    """Say whether Accept names text/html, as browsers do for a page; `*/*` does not count."""
    return any(
        media.partition(";")[0].strip().lower() == "text/html" and quality > 0
        for media, quality in parse_accept_header(accept)
    )


def preferred_coding(accept_encoding: str | None, offered: Iterable[str]) -> str | None:
    """Choose a content coding (12.5.3), offered best first; None where the client prefers none."""
    accepted = parse_accept_header(accept_encoding, Accept)
    best = max(offered, key=accepted.quality, default=None)
    if best is None or not 0 < accepted.quality(best) >= _plain_quality(accepted):
        return None
    return best


def _plain_quality(accepted: Accept) -> float:
    """Give the weight of sending it as it is, which is acceptable but last when not named."""
    return next((quality for coding, quality in accepted if coding.lower() == "identity"), 0.0)
