"""Holding a host: it is started, and not stopped for idleness, until it is let go.

Over frames a lease lives as long as its connection, so it ends with the program, however that
ends. So it does over HTTP, where it has a connection of its own. A call of the host takes it again
when the daemon was restarted.
"""

from __future__ import annotations

import threading

from hangerd.client.calls import Door
from hangerd.client.http1 import target_of
from hangerd.client.http_links import Streamed, Web, check
from hangerd.client.links import Link
from hangerd.client.session import Exchange


class FrameLease:
    """A lease that ends with its connection."""

    def __init__(self, door: Door, host: str) -> None:
        self._door = door
        self._host = host
        self._held: tuple[Link, Exchange] | None = None
        self._wanted = False
        self._looking = threading.Lock()

    async def hold(self) -> None:
        """Take it; returns when an instance is ready. Raises CallError, Unreachable."""
        self._wanted = True
        link, exchange, _ = await self._door.ask("lease", self._host)
        self._held = link, exchange

    async def renew(self) -> None:
        """Take it again if the daemon was restarted."""
        if not self._looking.acquire(blocking=False):
            return  # another thread is at it
        try:
            if self._wanted and (self._held is None or not self._held[0].alive):
                self._drop()
                await self.hold()
        finally:
            self._looking.release()

    async def release(self) -> None:
        """Let it go."""
        self._wanted = False
        self._drop()

    def _drop(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            link, exchange = held
            if link.alive:
                link.release(exchange)
            self._door.links.give(link)


class HttpLease:
    """A lease that lasts as long as an answer to a request."""

    def __init__(self, web: Web, host: str) -> None:
        self._web = web
        self._host = host
        self._held: Streamed | None = None
        self._wanted = False
        self._looking = threading.Lock()

    async def hold(self) -> None:
        """Take it; returns when an instance is ready. Raises CallError, Refused, Unreachable."""
        self._wanted = True
        target = target_of("hosts", self._host, "connect", hold=True)
        held = await self._web.open("POST", target, headers={"Accept": "application/json"})
        if held.answer.status != 200:
            check(await held.rest(None))
        self._held = held

    async def renew(self) -> None:
        """Take it again if the connection was lost."""
        if not self._looking.acquire(blocking=False):
            return  # another thread is at it
        try:
            if self._wanted and (self._held is None or not self._held.look()):
                self._drop()
                await self.hold()
        finally:
            self._looking.release()

    async def release(self) -> None:
        """Let it go."""
        self._wanted = False
        self._drop()

    def _drop(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.close()


Lease = FrameLease | HttpLease
