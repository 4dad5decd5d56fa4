"""Calls over frames: one value or a stream of them, and what becomes of them when given up.

By the daemon's door to every host by name, or by a ticket straight to an instance of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from hangerd.client.errors import CallError, HostFailed, Unreachable, call_error
from hangerd.client.finding import Finder, Place
from hangerd.client.links import Link, Links, greet
from hangerd.client.pipes import Address, Io, Pipe
from hangerd.client.session import WINDOW, Exchange, Session
from hangerd.client.values import Arguments
from hangerd.hosts.faults import Fault
from hangerd.hosts.wire import Frame, parse_json

GRACE: Final = 1.0
"""Seconds that the daemon, which keeps the deadlines, has to say itself that one has passed."""
CONNECT_WITHIN: Final = 10.0
_PAUSES: Final = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)
_TRIES: Final = 3  # tickets until an instance is found that takes calls

Value = tuple[str, bytes]
"""The type of a value and its payload, as docs/wire.md names them."""


class Items(Protocol):
    """The values of a generator, one by one."""

    async def next(self) -> Value | None:
        """Return the next value, or None after the last. Raises CallError."""
        ...

    def close(self) -> None:
        """Want no more; the function is cancelled."""
        ...


class FrameItems:
    """A stream over frames; holds a connection until it is over."""

    def __init__(self, links: Links, link: Link, exchange: Exchange, first: Frame) -> None:
        self._links = links
        self._link = link
        self._exchange = exchange
        self._first: Frame | None = first
        self._taken = 0
        self._over = False
        self.deadline: float | None = None

    async def next(self) -> Value | None:
        """Return the next value, or None after the last. Raises CallError."""
        if self._over:
            return None
        self._link.own()
        frame, self._first = self._first, None
        if frame is None:
            try:
                frame = await self._link.next(self._exchange, self.deadline)
            except TimeoutError:
                self.close("timeout")
                raise call_error(_late()) from None
            except CallError:
                self._end()
                raise
            except BaseException:
                self.close()
                raise
        if frame.op == "end":
            self._end()
            return None
        self._taken += 1
        if self._taken * 2 >= WINDOW:  # in halves, so that the function need not wait
            self._link.credit(self._exchange, self._taken)
            self._taken = 0
        return value_of(frame)

    def close(self, reason: str = "gone") -> None:
        """Want no more; the function is cancelled."""
        if not self._over:
            self._link.cancel(self._exchange, reason)
            self._end()

    def _end(self) -> None:
        self._over = True
        self._links.give(self._link)


def value_of(frame: Frame) -> Value:
    """Return what a frame carries."""
    return str(frame.header.get("type", "json")), frame.payload


def _late() -> Fault:
    return Fault("timeout", "Timeout", "no answer came before the deadline")


async def exchange_frames(
    io: Io,
    links: Links,
    header: Mapping[str, Any],
    payload: bytes,
    deadline: float | None,
) -> Value | FrameItems:
    """Send one call and return its value or its stream. Raises CallError or Unreachable."""
    try:
        link = await links.take(deadline)
    except TimeoutError:
        raise call_error(_late()) from None
    exchange: Exchange | None = None
    try:
        exchange = await link.begin(header, payload, deadline)
        frame = await link.next(exchange, deadline)
    except CallError:
        links.give(link)
        raise
    except BaseException as error:
        late = isinstance(error, TimeoutError)
        if exchange is not None:
            link.cancel(exchange, "timeout" if late else "gone")
        links.give(link)
        if late:
            raise call_error(_late()) from None
        raise
    if frame.op == "result":
        links.give(link)
        return value_of(frame)
    items = FrameItems(links, link, exchange, frame)
    items.deadline = deadline
    return items


class Door:
    """The daemon's door: calls, leases and tickets of every host."""

    def __init__(self, io: Io, finder: Finder) -> None:
        self._io = io
        self._finder = finder
        self.links = Links(io, self._connect)
        self._direct: dict[str, Direct] = {}

    async def _connect(self, deadline: float | None) -> Link:
        """Connect to where the daemon is now. Raises Unreachable."""
        soon = self._io.now() + CONNECT_WITHIN
        until = soon if deadline is None else min(soon, deadline)
        try:
            return await self._enter(self._finder.find(), until)
        except Unreachable as error:
            return await self._enter(await self._finder.start(error, deadline), until)

    async def _enter(self, place: Place, deadline: float) -> Link:
        if place.calls is None:
            raise Unreachable("the daemon has no door for frames", "Call over HTTP.")
        hello = {"token": place.door_token} if place.door_token else {}
        session = Session(hello)
        pipe = await open_pipe(self._io, place.calls, session, deadline)
        return await greet(self._io, pipe, session, deadline, pinged=True)

    async def call(
        self, host: str, function: str, arguments: Arguments, timeout: float | None
    ) -> Value | FrameItems:
        """Call a function. `timeout` in seconds; None is the host's own, 0 is none."""
        header = {"op": "call", "host": host, "function": function, **arguments.header}
        deadline = None
        if timeout is not None:
            header["timeout"] = timeout or None
            deadline = self._io.now() + timeout + GRACE if timeout else None
        return await exchange_frames(self._io, self.links, header, arguments.payload, deadline)

    async def ask(self, op: str, host: str) -> tuple[Link, Exchange, Any]:
        """Ask for a lease or a ticket; return the link, the exchange, and what was said.

        The link is to be given back.
        """
        link = await self.links.take(None)
        exchange: Exchange | None = None
        try:
            exchange = await link.begin({"op": op, "host": host}, b"", None)
            frame = await link.next(exchange, None)
        except CallError:
            self.links.give(link)
            raise
        except BaseException:
            if exchange is not None:
                link.release(exchange)
                link.cancel(exchange, "gone")
            self.links.give(link)
            raise
        return link, exchange, parse_json(frame.payload)

    def direct(self, host: str) -> Direct:
        """Return the direct connections to a host."""
        direct = self._direct.get(host)
        if direct is None:
            direct = self._direct.setdefault(host, Direct(self._io, self, host))
        return direct

    def close(self) -> None:
        """End all connections."""
        for direct in self._direct.values():
            direct.links.close()
        self.links.close()


class Direct:
    """Connections straight to an instance of one host, by tickets of the daemon."""

    def __init__(self, io: Io, door: Door, host: str) -> None:
        self._io = io
        self._door = door
        self._host = host
        self._call_timeout: float | None = None
        self.links = Links(io, self._connect)

    async def _connect(self, deadline: float | None) -> Link:
        """Connect with a new ticket. Raises CallError or Unreachable."""
        for pause in (*_PAUSES, None):
            link, _, told = await self._door.ask("ticket", self._host)
            self._door.links.give(link)
            self._call_timeout = told.get("call_timeout") or None
            soon = self._io.now() + CONNECT_WITHIN
            session = Session({"ticket": told["ticket"]}, unread="stopping")
            try:
                pipe = await open_pipe(self._io, Address(path=told["socket"]), session, soon)
                return await greet(self._io, pipe, session, soon, pinged=False)
            except Unreachable:  # it has ended, or drains, and the daemon does not know it yet
                if pause is None:
                    raise
                await self._io.sleep(pause)
        raise AssertionError  # the last try returned or raised

    async def call(
        self, function: str, arguments: Arguments, timeout: float | None
    ) -> Value | FrameItems:
        """Call a function, as `Door.call`; the deadline is kept here."""
        for left in reversed(range(_TRIES)):
            seconds = self._call_timeout if timeout is None else timeout or None
            header = {"op": "call", "function": function, **arguments.header, "timeout": seconds}
            deadline = None if seconds is None else self._io.now() + seconds
            try:
                return await exchange_frames(
                    self._io, self.links, header, arguments.payload, deadline
                )
            except HostFailed as error:
                # The instance is being replaced, or is dead, and has not begun: the next ticket is
                # for its heir.
                if error.fault.code != "stopping" or not left:
                    raise
            except CallError as error:
                raise call_error(replace(error.fault, host=self._host)) from None
        raise AssertionError  # the last try returned or raised


async def open_pipe(io: Io, address: Address, session: Session, deadline: float) -> Pipe:
    """Connect for frames. Raises Unreachable."""
    try:
        return await io.open(address, session, deadline)
    except OSError as error:
        raise Unreachable(f"nobody answers at {address}: {error}", "Is hangerd running?") from None
