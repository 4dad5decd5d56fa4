"""The access log: one line for each request, without tokens, queries or values.

A token stands in a slot's path, and queries may carry leases; so a path is shown by its known
words, and a query not at all.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.web.http import Request

from hangerd.web.clients import Clients

_SLOT_WORDS = frozenset(b"ack answer close open read sleep write".split())
_LONGEST = 200


def shown_path(path: bytes) -> str:
    """A path as the log may show it: a slot's without its token, printable, of bounded length."""
    # As the routes read it; a token must not hide behind an escape, nor behind a host's name.
    segments = unquote_to_bytes(path).split(b"/")
    if b"hanger" in segments:
        after = segments.index(b"hanger") + 1
        segments[after:] = [word if _harmless(word) else b"*" for word in segments[after:]]
    shown = b"/".join(segments)[:_LONGEST].decode("ascii", "backslashreplace")
    return shown if shown.isprintable() else ascii(shown)[1:-1]


def _harmless(word: bytes) -> bool:
    return not word or word in _SLOT_WORDS or word.endswith(b".js")


class AccessLog:
    """Writes what was asked, by whom, and how it was answered."""

    def __init__(self, clock: IReactorTime, clients: Clients, log: Logger) -> None:
        self._clock = clock
        self._clients = clients
        self._log = log

    def answered(self, request: Request) -> None:
        """Write the line of one request that was answered."""
        began = getattr(request, "began", None)
        now = self._clock.seconds()
        self._log.info(
            "{client} {method} {path} {status} {bytes}B {seconds}s",
            client=self._clients.address(request),
            method=_shown(request.method),
            path=shown_path(request.path or b"-"),
            status=request.code,
            bytes=request.sentLength,
            seconds=round(now - (began if began is not None else now), 4),
        )


def _shown(method: bytes) -> str:
    return method[:20].decode("ascii", "backslashreplace")
