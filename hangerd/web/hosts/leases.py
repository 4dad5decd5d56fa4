"""Holding a host over HTTP for as long as an answer lasts: whoever dies lets go."""

from __future__ import annotations

import json
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from hangerd.hosts.host import Host
from hangerd.web.beat import Beat
from hangerd.web.hosts.streams import NDJSON
from hangerd.web.lines import LineSender, send_lines
from hangerd.web.request import Request

_LIFE: Final = b"\n"


def hold_host(request: Request, host: Host, clock: IReactorTime) -> Deferred[bytes]:
    """Answer a line when the host is ready, then a newline every 15 seconds.

    The lease ends with the client, and the answer when the host is removed. Fails with CallError
    when the host cannot start.
    """

    async def send(sender: LineSender) -> None:
        over: Deferred[None] = Deferred()

        def show_life() -> None:
            if lease in host.leases:
                request.write(_LIFE)
            elif not over.called:
                over.callback(None)

        beat = Beat(clock)
        await sender.write(json.dumps({"lease": lease}).encode() + b"\n")
        beat.start(show_life)
        try:
            await over
        finally:
            beat.stop()

    async def hold() -> bytes:
        try:
            await host.pool.when_ready()
            return await send_lines(request, NDJSON, send)
        finally:
            host.leases.release(lease)

    lease = host.leases.acquire()
    return Deferred.fromCoroutine(hold())
