"""Holding a host: it is started, and not stopped for idleness, until it is let go.

Over frames a lease lives as long as its connection, so it ends with the program, however that
ends. Over HTTP it has a time, and every call of the host renews it when half of that has passed.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from hangerd.client.calls import Door
from hangerd.client.errors import HangerdError
from hangerd.client.http1 import target_of
from hangerd.client.http_links import Web, told
from hangerd.client.links import Link
from hangerd.client.pipes import Io
from hangerd.client.session import Exchange

HTTP_SECONDS: Final = 600.0


class FrameLease:
    """A lease that ends with its connection."""

    def __init__(self, door: Door, host: str) -> None:
        self._door = door
        self._host = host
        self._held: tuple[Link, Exchange] | None = None
        self._looking = threading.Lock()

    async def hold(self) -> None:
        """Take it; returns when an instance is ready. Raises CallError, Unreachable."""
        link, exchange, _ = await self._door.ask("lease", self._host)
        self._held = link, exchange

    async def renew(self) -> None:
        """Take it again if the daemon was restarted."""
        if not self._looking.acquire(blocking=False):
            return  # another thread is at it
        try:
            if self._held is not None and not self._held[0].alive:
                self._drop()
                await self.hold()
        finally:
            self._looking.release()

    async def release(self) -> None:
        """Let it go."""
        self._drop()

    def _drop(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            link, exchange = held
            if link.alive:
                link.release(exchange)
            self._door.links.give(link)


class HttpLease:
    """A lease with a time."""

    def __init__(self, io: Io, web: Web, host: str) -> None:
        self._io = io
        self._web = web
        self._host = host
        self._lease: str | None = None
        self._renew_at = 0.0

    async def hold(self) -> None:
        """Take it, or hold it longer."""
        said = await self._ask("connect", ttl=HTTP_SECONDS, lease=self._lease)
        self._lease = said["lease"]
        self._renew_at = self._io.now() + said["ttl"] / 2

    async def renew(self) -> None:
        """Hold it longer when half of its time has passed."""
        if self._lease is not None and self._io.now() > self._renew_at:
            await self.hold()

    async def release(self) -> None:
        """Let it go; a daemon that is gone has done so."""
        lease, self._lease = self._lease, None
        if lease is not None:
            try:
                await self._ask("disconnect", lease=lease)
            except HangerdError:
                return

    async def _ask(self, what: str, **query: object) -> Any:
        target = target_of("hosts", self._host, what, **query)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return told(await self._web.ask("POST", target, headers=headers))


Lease = FrameLease | HttpLease
