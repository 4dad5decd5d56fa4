"""Ending an answer before it is whole, so that its reader sees that it is not."""

from __future__ import annotations

from twisted.web.http import Request


def cut(request: Request) -> None:
    """End an answer that is under way."""
    # HTTP/2 resets the stream; HTTP/1.1 has only the connection to end.
    end = getattr(request.channel, "abortConnection", request.loseConnection)
    end()
