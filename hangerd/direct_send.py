"""Sending now: Twisted's `write` only sends in the next turn, after a detour over epoll."""

from __future__ import annotations

from typing import Any

from twisted.internet.tcp import Connection, Server


def sends_directly(transport: object) -> bool:
    """Whether a send now is in order: a plain socket, connected, nothing waiting before it."""
    return (
        isinstance(transport, Server)
        and not transport.TLS
        and not transport.dataBuffer
        and not transport._tempDataBuffer
        and bool(transport.connected)
        and not transport.disconnecting
        and not transport._writeDisconnecting
    )


def unsent(transport: object) -> int | None:
    """Count the bytes that wait to be sent, under TLS the encrypted ones; None: not known."""
    plain = plain_connection(transport)
    if plain is None:
        return None
    return len(plain.dataBuffer) - plain.offset + plain._tempDataLen


def plain_connection(transport: object) -> Connection | None:
    """Give the transport that has a socket: this, or what is below its TLS; None without any."""
    for candidate in (transport, getattr(transport, "transport", None)):
        if isinstance(candidate, Connection):
            return candidate
    return None


def send_now(transport: Any, data: bytes) -> None:
    """Send what the socket takes at once, and the rest by the ordinary `write`."""
    if sends_directly(transport):
        # Past `writeSomeData`, whose slices and retries cost as much again.
        try:
            sent = transport.getHandle().send(data)
        except OSError:
            sent = 0  # the ordinary road meets it again, and ends the connection
        data = data[sent:]
    if data:
        transport.write(data)
