"""Connections in asyncio's loop, for `hangerd.client.aio`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from hangerd.client.pipes import Address, Pipe, Receiver
from hangerd.client.session import Awaited

Result = TypeVar("Result")


class AsyncioPipe(asyncio.Protocol):
    """A transport and who takes what comes."""

    def __init__(self, receiver: Receiver, *, local: bool) -> None:
        self._receiver = receiver
        self._local = local
        self._transport: asyncio.Transport | None = None
        self._roomy = asyncio.Event()
        self._roomy.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Pass it on; what breaks the protocol ends the connection."""
        try:
            self._receiver.feed(data)
        except Exception as error:
            self._end(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell of the end: a Unix socket fails when the other side has not read all."""
        unread = self._local and isinstance(exc, ConnectionError)
        self._end(str(exc) if exc else "the other side closed the connection", unread=unread)

    def pause_writing(self) -> None:
        """Let who sends wait."""
        self._roomy.clear()

    def resume_writing(self) -> None:
        """Let him go on."""
        self._roomy.set()

    def write(self, data: bytes) -> None:
        """Have it sent."""
        if self._transport is not None:
            self._transport.write(data)

    async def drain(self, deadline: float | None) -> None:
        """Wait until there is room."""
        async with asyncio.timeout(_left(deadline)):
            await self._roomy.wait()

    async def wait(self, awaited: Awaited, deadline: float | None) -> None:
        """Wait in the loop."""
        try:
            async with asyncio.timeout(_left(deadline)):
                while not awaited.ready:
                    changed = asyncio.Event()
                    awaited.wake = changed.set
                    await changed.wait()
        finally:
            awaited.wake = None

    def look(self) -> bool:
        """The loop has taken what has come."""
        return self._transport is not None

    def own(self) -> None:
        """Let it pass: a loop does not outlive a fork."""

    def close(self) -> None:
        """Close the transport."""
        self._end("closed")

    def _end(self, reason: str, *, unread: bool = False) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            self._roomy.set()
            self._receiver.lost(reason, unread)


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else deadline - time.monotonic()


def _tls(address: Address) -> Any:
    if not address.tls:
        return None
    from hangerd.client.tls import trusting

    return trusting(address.ca)


class AsyncioIo:
    """The running loop."""

    shared = True

    def now(self) -> float:
        """As time.monotonic, whatever the loop's own clock is."""
        return time.monotonic()

    async def open(self, address: Address, receiver: Receiver, deadline: float | None) -> Pipe:
        """Connect."""
        loop = asyncio.get_running_loop()
        pipe = AsyncioPipe(receiver, local=bool(address.path))
        async with asyncio.timeout(_left(deadline)):
            if address.path:
                await loop.create_unix_connection(lambda: pipe, address.path)
            else:
                tls = _tls(address)
                await loop.create_connection(lambda: pipe, address.host, address.port, ssl=tls)
        return pipe

    def lock(self) -> AbstractAsyncContextManager[Any]:
        """Asyncio's."""
        return asyncio.Lock()

    async def sleep(self, seconds: float) -> None:
        """As asyncio.sleep."""
        await asyncio.sleep(seconds)

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Do it in a thread."""
        return await asyncio.to_thread(work)
