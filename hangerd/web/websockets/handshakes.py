"""The answer that accepts a websocket (RFC 6455, 4.2.2), with the headers that a script has set."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.web.http import datetimeToString
from wsproto.connection import Connection, ConnectionType
from wsproto.events import AcceptConnection
from wsproto.handshake import H11Handshake

from hangerd.scripts.response import Head
from hangerd.web.websockets.visitor import Handshake

_NOT_FROM_SCRIPTS = ("connection", "upgrade", "date", "server", "transfer-encoding", "keep-alive")


def handshake_of(key: str, offered: Sequence[str]) -> Handshake:
    """Give what accepts the request with this Sec-WebSocket-Key, which has been checked.

    Extensions are not offered: compressed messages would let few bytes become any size.
    """
    request = [
        ("Host", "localhost"),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", key),
        *([("Sec-WebSocket-Protocol", ", ".join(offered))] if offered else []),
    ]

    def accept(head: Head, subprotocol: str | None) -> tuple[Connection, bytes]:
        handshake = H11Handshake(ConnectionType.SERVER)
        handshake.initiate_upgrade_connection(
            [(name.encode(), value.encode()) for name, value in request], b"/"
        )
        opening = handshake.send(AcceptConnection(subprotocol, [], _fields(head)))
        if handshake.connection is None:
            raise RuntimeError("wsproto has accepted, and made no connection")
        return handshake.connection, opening

    return accept


def _fields(head: Head) -> list[tuple[bytes, bytes]]:
    own = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in head.fields.pairs()
        if not name.lower().startswith(("content-", "sec-websocket-"))
        and name.lower() not in _NOT_FROM_SCRIPTS
        and value.isprintable()
    ]
    return [(b"Server", b"hangerd"), (b"Date", datetimeToString()), *own]
