"""Ending an answer before it is whole, so that its reader sees that it is not."""

from __future__ import annotations

from typing import Any, Final

from twisted.internet.error import ConnectionAborted
from twisted.python.failure import Failure
from twisted.web.http import Request

LOOK_AGAIN: Final = 0.02
"""Seconds until it is looked again whether all that was written on a stream has been sent; then
twice as long each time."""
LOOKS: Final = 10
"""How often it is looked again, which takes 20 seconds; what then still waits is dropped."""


def cut(request: Request) -> None:
    """End an answer that is under way, behind what was written of it.

    HTTP/2 resets the stream; HTTP/1.1 has only the connection to end.
    """
    connection = getattr(request.channel, "_conn", None)
    if connection is None:
        request.loseConnection()
    else:
        connection.callLater(0, _reset_when_sent, request.channel)


def _reset_when_sent(stream: Any, looks: int = 0) -> None:
    """Reset a stream of Twisted's, which by itself drops what waits, and does not tell its request.

    The queue is private there, and nothing says when it is empty.
    """
    connection, number = stream._conn, stream.streamID
    if number not in connection.streams:  # the client has left meanwhile
        return
    if connection._outboundStreamQueues[number] and looks < LOOKS:
        connection.callLater(LOOK_AGAIN * 2**looks, _reset_when_sent, stream, looks + 1)
        return
    stream.abortConnection()
    stream.connectionLost(Failure(ConnectionAborted()))
