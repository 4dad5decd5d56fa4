"""Whether an answer arrived, as far as the server's side of a connection can tell."""

from __future__ import annotations

from collections.abc import Callable

from twisted.web.http import Request


def watch_delivery(request: Request, settled: Callable[[bool], None]) -> None:
    """Call `settled(lost)` once when it is known how the answer about to be written went.

    Over plain TCP and Unix sockets a connection that broke before the client sent anything more
    lost its answer. Over TLS and HTTP/2, an answer that was handed over whole counts as arrived.
    """
    when_settled = getattr(request.channel, "when_settled", None)
    if when_settled is None or not when_settled(settled):
        request.notifyFinish().addCallbacks(lambda _: settled(False), lambda _: settled(True))
