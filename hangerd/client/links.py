"""Framed connections that are kept: taken for an exchange, given back, made anew when they end.

One thread has a connection at a time; without threads all share one. After a fork the child makes
its own.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from hangerd.client.errors import Unreachable, call_error
from hangerd.client.pipes import Io, Pipe
from hangerd.client.session import Exchange, Session
from hangerd.hosts.faults import Fault
from hangerd.hosts.wire import PIECE, Frame, encode

KEPT: Final = 8  # connections that wait for the next exchange
QUIET: Final = 20.0  # seconds without a word after which the daemon is asked whether it is there


class Link:
    """One connection that was let in. `pinged` says whether silence on it is looked into."""

    def __init__(self, io: Io, session: Session, pipe: Pipe, *, pinged: bool) -> None:
        self._io = io
        self._session = session
        self._pipe = pipe
        self._pinged = pinged

    @property
    def alive(self) -> bool:
        """Whether something new may be begun on it."""
        session = self._session
        return self._pipe.look() and session.fault is None and not session.draining

    async def begin(
        self, header: Mapping[str, Any], payload: bytes, deadline: float | None
    ) -> Exchange:
        """Send what begins an exchange. Raises TimeoutError."""
        exchange, frames = self._session.begin(header, payload)
        for frame in frames:
            self._pipe.write(frame)
            if len(frame) > PIECE:
                try:
                    await self._pipe.drain(deadline)
                except BaseException:
                    self._break_off(exchange, header)
                    raise
        return exchange

    def _break_off(self, exchange: Exchange, header: Mapping[str, Any]) -> None:
        """Give up an exchange whose payload was not all sent: its last piece is owed even so."""
        self.cancel(exchange, "gone")
        self._pipe.write(encode({"op": header["op"], "id": exchange.number}))

    async def next(self, exchange: Exchange, deadline: float | None) -> Frame:
        """Return what comes next. Raises CallError for a fault, TimeoutError at the deadline."""
        if not exchange.came:
            if self._pinged:
                await self._wait(exchange, deadline)
            else:
                await self._pipe.wait(exchange, deadline)
        found = exchange.came.popleft()
        if isinstance(found, Fault):
            raise call_error(found)
        return found

    async def _wait(self, exchange: Exchange, deadline: float | None) -> None:
        """Wait; a daemon that says nothing for long, not even when asked, is no more."""
        ping: Exchange | None = None
        while not exchange.ready:
            until = self._io.now() + QUIET
            try:
                await self._pipe.wait(exchange, until if deadline is None else min(until, deadline))
            except TimeoutError:
                if deadline is not None and self._io.now() >= deadline:
                    raise
                if ping is not None and not ping.over:
                    self._session.lost("the daemon does not answer")
                    self._pipe.close()
                    return
                ping = await self.begin({"op": "ping"}, b"", until)

    def cancel(self, exchange: Exchange, reason: str) -> None:
        """Want no more of an exchange."""
        self._tell(self._session.cancel(exchange, reason))

    def credit(self, exchange: Exchange, items: int) -> None:
        """Allow so many more items of a stream."""
        self._tell(self._session.credit(exchange, items))

    def release(self, exchange: Exchange) -> None:
        """Let a lease go."""
        self._tell(self._session.release(exchange))

    def _tell(self, data: bytes) -> None:
        if data:
            self._pipe.own()
            self._pipe.write(data)

    def own(self) -> None:
        """Raise RuntimeError when it is of the process that this one was forked from."""
        self._pipe.own()

    def close(self) -> None:
        """End the connection, and with it all that it holds."""
        self._pipe.close()


Connect = Callable[[float | None], Awaitable[Link]]


class Links:
    """The connections to one place, made by `connect`, which is told a deadline."""

    def __init__(self, io: Io, connect: Connect) -> None:
        self._io = io
        self._connect = connect
        self._kept: list[Link] = []  # threads take and give in single steps of a list: no lock
        self._connecting = io.lock()
        self._process = os.getpid()

    async def take(self, deadline: float | None) -> Link:
        """Return a connection for an exchange. Raises Unreachable, TimeoutError."""
        link = self._find()
        if link is not None:
            return link
        async with self._connecting:
            link = self._find() if self._io.shared else None
            if link is None:
                link = await self._connect(deadline)
                if self._io.shared:
                    self.give(link)
            return link

    def _find(self) -> Link | None:
        """Return a connection that is still good; bury those that are not."""
        if self._process != os.getpid():
            self._forget()
        kept = self._kept
        while kept:
            try:
                link = kept[-1] if self._io.shared else kept.pop()
            except IndexError:  # another thread was quicker
                return None
            if link.alive:
                return link
            if self._io.shared:
                kept.remove(link)
            else:
                link.close()
        return None

    def _forget(self) -> None:
        """Begin anew in a child: the connections are its parent's."""
        self._kept = []
        self._process = os.getpid()

    def give(self, link: Link) -> None:
        """Take a connection back."""
        kept = self._kept
        if self._io.shared and link in kept:
            return
        if len(kept) < KEPT:
            kept.append(link)
        else:
            link.close()

    def close(self) -> None:
        """End them all."""
        kept, self._kept = self._kept, []
        for link in kept:
            link.close()


async def greet(
    io: Io, pipe: Pipe, session: Session, deadline: float | None, *, pinged: bool
) -> Link:
    """Say hello and return when let in. Raises Unreachable or CallNotAllowed."""
    pipe.write(session.greeting)
    try:
        await pipe.wait(session, deadline)
    except BaseException:
        pipe.close()
        raise
    if session.fault is None:
        return Link(io, session, pipe, pinged=pinged)
    pipe.close()
    if session.fault.code == "denied":
        raise call_error(session.fault)
    raise Unreachable(f"the connection was not taken: {session.fault.message}", "Try again.")
