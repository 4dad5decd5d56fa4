"""Requests for websockets: recognized, and refused, before any script is run for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReactorTime
from twisted.web.server import Request

from hangerd.scripts.incoming import Incoming
from hangerd.scripts.websocket import Link
from hangerd.web.answers import JSON, answer, refusal_body
from hangerd.web.headers import header

if TYPE_CHECKING:
    from hangerd.web.websockets.visitor import SocketAnswer

_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_MOST_SUBPROTOCOLS = 20
_PORTS = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}


class UpgradeRefused(Exception):
    """This websocket is not opened; all that the client is told."""

    def __init__(self, status: int, message: str, remedy: str) -> None:
        super().__init__(status, message)
        self.status, self.message, self.remedy = status, message, remedy


def asks_upgrade(request: Request) -> bool:
    """Say whether a request wants to become a websocket (RFC 6455, 4.1)."""
    return request.requestHeaders.hasHeader(b"upgrade") and (
        request.method == b"GET"
        and "websocket" in _words(header(request, "upgrade"))
        and "upgrade" in _words(header(request, "connection"))
        and hasattr(request.channel, "_protocolUpgradeForWebsockets")
    )


class Upgrades:
    """Opens websockets for scripts. Pages of other origins than `origins` may not ask for one."""

    def __init__(
        self,
        origins: Iterable[str],
        clock: IReactorTime,
        call_from_thread: Callable[..., Any],
        *,
        allowed: bool = True,
        debug: bool,
    ) -> None:
        self._allowed = allowed
        self._origins = frozenset(origins)
        self._clock = clock
        self._call_from_thread = call_from_thread
        self._debug = debug

    def wanted(self, request: Request) -> bool:
        """Say whether a request is to become a websocket."""
        return self._allowed and asks_upgrade(request)

    def open(self, request: Request) -> tuple[Link, SocketAnswer]:
        """Make a script's end of a websocket, and its visitor. Raises UpgradeRefused."""
        try:
            from hangerd.web.websockets.handshakes import handshake_of
            from hangerd.web.websockets.visitor import SocketAnswer
        except ModuleNotFoundError:  # wsproto, which is optional
            raise UpgradeRefused(
                501,
                "This daemon cannot speak websocket.",
                "Install it with `pip install 'hangerd[websocket]'`.",
            ) from None
        self._check_origin(request)
        _check_head(request)
        offered = subprotocols(header(request, "sec-websocket-protocol"))
        handshake = handshake_of(header(request, "sec-websocket-key") or "", offered)
        visitor = SocketAnswer(request, handshake, self._clock, debug=self._debug)
        incoming = Incoming(lambda: self._call_from_thread(visitor.resume))
        visitor.connect(incoming)
        return Link(visitor, incoming, offered), visitor

    def _check_origin(self, request: Request) -> None:
        origin = (header(request, "origin") or "").lower()
        if not origin or "*" in self._origins or origin in self._origins:
            return
        if not _same_host(origin, header(request, "host") or ""):
            raise UpgradeRefused(
                403,
                "Pages of this origin may not open websockets here.",
                "Open it from a page of this site, or list the origin in "
                "scripts.websocket_origins.",
            )


def refuse_upgrade(request: Request, refused: UpgradeRefused) -> None:
    """Answer that there will be no websocket, and why."""
    if refused.status == 426:
        request.setHeader(b"sec-websocket-version", b"13")
    told = refusal_body(refused.status, refused.message, refused.remedy)
    request.write(answer(request, refused.status, told, JSON))
    request.finish()


def subprotocols(told: str | None) -> tuple[str, ...]:
    """Read the subprotocols that a client offers, the one it likes best first."""
    words = [word.strip() for word in (told or "").split(",")]
    return tuple(word for word in words if _TOKEN.fullmatch(word))[:_MOST_SUBPROTOCOLS]


def _check_head(request: Request) -> None:
    version = header(request, "sec-websocket-version")
    if version != "13":
        raise UpgradeRefused(
            426, "Only version 13 of websocket is spoken.", "Send Sec-WebSocket-Version: 13."
        )
    if not _KEY.fullmatch(header(request, "sec-websocket-key") or ""):
        raise UpgradeRefused(
            400, "The key of the handshake is not one.", "Send 16 random bytes in base64."
        )


def _same_host(origin: str, host: str) -> bool:
    """Compare by host and port; a proxy that ends TLS does not always tell the scheme."""
    scheme, _, place = origin.partition("://")
    default = _PORTS.get(scheme, "")
    return bool(place) and place.removesuffix(default) == host.lower().removesuffix(default)


def _words(told: str | None) -> list[str]:
    return [word.strip().lower() for word in (told or "").split(",")]
