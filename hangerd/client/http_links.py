"""HTTP requests of the daemon on connections that are kept, and what its errors mean.

A connection that was kept may have been closed by the daemon meanwhile; that is looked at first.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hangerd.client.errors import ConnectionLost, NotAllowed, Refused, Unreachable, call_error
from hangerd.client.faults import fault_of
from hangerd.client.finding import Finder, Place
from hangerd.client.http1 import Answer, HttpSession
from hangerd.client.pipes import Address, Io, Pipe

CONNECT_WITHIN: Final = 10.0
_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One connection."""

    session: HttpSession
    pipe: Pipe


class Web:
    """The daemon's HTTP, with the token."""

    def __init__(self, io: Io, finder: Finder) -> None:
        self._io = io
        self._finder = finder
        self._kept: list[tuple[Place, Line]] = []
        self._guard = threading.Lock()
        self._process = os.getpid()

    async def ask(
        self,
        method: str,
        target: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Return a whole answer, whatever its status.

        Raises Unreachable, ConnectionLost, TimeoutError.
        """
        line, place, answer = await self._send(method, target, body, headers or {}, deadline)
        try:
            await line.pipe.wait(answer, deadline)
        except BaseException:
            line.pipe.close()
            raise
        if answer.lost:
            raise ConnectionLost(f"the daemon went away: {answer.lost}", "Look, and ask again.")
        self.give(place, line)
        return answer

    async def open(
        self,
        method: str,
        target: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Streamed:
        """Return an answer whose body may still come."""
        line, place, answer = await self._send(
            method, target, body, headers or {}, deadline, streamed=True
        )
        streamed = Streamed(self, place, line, answer)
        try:
            await line.pipe.wait(answer, deadline)
        except BaseException:
            line.pipe.close()
            raise
        if not answer.begun:
            raise ConnectionLost(f"the daemon went away: {answer.lost}", "Look, and ask again.")
        return streamed

    async def _send(
        self,
        method: str,
        target: str,
        body: bytes,
        headers: Mapping[str, str],
        deadline: float | None,
        *,
        streamed: bool = False,
    ) -> tuple[Line, Place, Answer]:
        line, place = await self._take(deadline)
        told = {"Host": place.http.host or "localhost", **headers}
        if place.token:
            told["Authorization"] = f"Bearer {place.token}"
        answer, data = line.session.request(method, place.base + target, told, body)
        answer.streamed = streamed
        line.pipe.write(data)
        await line.pipe.drain(deadline)
        return line, place, answer

    async def _take(self, deadline: float | None) -> tuple[Line, Place]:
        try:
            place = self._finder.find()
            return self._kept_line(place) or await self._connect(place, deadline), place
        except Unreachable as error:
            place = await self._finder.start(error, deadline)
            return await self._connect(place, deadline), place

    def _kept_line(self, place: Place) -> Line | None:
        with self._guard:
            if self._process != os.getpid():
                self._kept, self._process = [], os.getpid()
            kept, self._kept = self._kept, []
        found = None
        for at, line in kept:
            if found is None and at == place and line.pipe.look() and line.session.usable:
                found = line
            else:
                self.give(at, line)
        return found

    async def _connect(self, place: Place, deadline: float | None) -> Line:
        session = HttpSession()
        soon = self._io.now() + CONNECT_WITHIN
        until = soon if deadline is None else min(soon, deadline)
        try:
            return Line(session, await self._io.open(place.http, session, until))
        except Unreachable:
            raise
        except OSError as error:
            raise _unreachable(place.http, error) from None

    def give(self, place: Place, line: Line) -> None:
        """Take a connection back."""
        with self._guard:
            if line.session.usable and len(self._kept) < _KEPT and self._process == os.getpid():
                self._kept.append((place, line))
                return
        line.pipe.close()

    def close(self) -> None:
        """End the connections that are kept."""
        with self._guard:
            kept, self._kept = self._kept, []
        for _, line in kept:
            line.pipe.close()


def _unreachable(address: Address, error: OSError) -> Unreachable:
    if address.tls:
        from hangerd.client.tls import handshake_failed

        failed = handshake_failed(address, error)
        if failed is not None:
            return failed
    return Unreachable(f"nobody answers at {address}: {error}", "Is hangerd running?")


class Streamed:
    """An answer whose body is read as it comes."""

    def __init__(self, web: Web, place: Place, line: Line, answer: Answer) -> None:
        self._web = web
        self._place = place
        self._line = line
        self.answer = answer
        self._over = False

    async def chunk(self, deadline: float | None = None) -> bytes:
        """Return what has come, or nothing at the end. Raises ConnectionLost, TimeoutError."""
        answer = self.answer
        if self._over:
            return b""
        self._line.pipe.own()
        if not answer.ready:
            await self._line.pipe.wait(answer, deadline)
        if answer.body:
            return answer.take()
        self._over = True
        if answer.lost:
            raise ConnectionLost(f"the daemon went away: {answer.lost}", "Look, and ask again.")
        self._web.give(self._place, self._line)
        return b""

    def look(self) -> bool:
        """Drop what has come, and say whether more may come."""
        alive = not self._over and self._line.pipe.look() and not self.answer.complete
        self.answer.take()
        return alive

    async def rest(self, deadline: float | None) -> Answer:
        """Return the answer with all of its body."""
        self.answer.streamed = False
        pieces = [await self.chunk(deadline)]
        while pieces[-1]:
            pieces.append(await self.chunk(deadline))
        self.answer.body[:] = b"".join(pieces)
        return self.answer

    def close(self) -> None:
        """Want no more."""
        if not self._over:
            self._over = True
            self._line.pipe.close()


def told(answer: Answer) -> Any:
    """Return the JSON of a good answer. Raises Refused, NotAllowed or a CallError."""
    check(answer)
    return json.loads(bytes(answer.body)) if answer.body else None


def check(answer: Answer) -> None:
    """Let a good answer pass. Raises Refused, NotAllowed or a CallError."""
    if answer.status < 400:
        return
    try:
        said = json.loads(bytes(answer.body))
        message, remedy = str(said["message"]), str(said.get("remedy", ""))
    except (ValueError, KeyError, TypeError):
        said, remedy = {}, ""
        message = f"the daemon answered {answer.status}: {bytes(answer.body[:200])!r}"
    if isinstance(said.get("fault"), dict):
        raise call_error(fault_of(said["fault"]))
    kind = NotAllowed if answer.status in {401, 403} else Refused
    raise kind(message, remedy, answer.status, str(said.get("error", "")))
