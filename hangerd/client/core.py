"""The client's logic, written once: coroutines that work with whatever waits for them.

`hangerd.client` runs them in the calling thread, `hangerd.client.aio` in asyncio's loop,
`hangerd.client.tx` in Twisted's reactor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from hangerd.client.calls import Door, Items
from hangerd.client.defining import Functions
from hangerd.client.errors import UnknownHost
from hangerd.client.finding import Finder
from hangerd.client.http1 import target_of
from hangerd.client.http_calls import HttpCalls
from hangerd.client.http_links import Web, check, told
from hangerd.client.leases import FrameLease, HttpLease, Lease
from hangerd.client.pipes import Io
from hangerd.client.streams import Lines, One, Stream
from hangerd.client.values import decode_value, encode_arguments

Spec = Mapping[str, Any]
Found = tuple[str, bytes] | Items

_JSON: Final = {"Accept": "application/json"}


class Core:
    """One daemon: its hosts' functions, its API."""

    def __init__(self, io: Io, finder: Finder) -> None:
        self.io = io
        self.finder = finder
        self.web = Web(io, finder)
        self.door = Door(io, finder)
        self._http_calls = HttpCalls(io, self.web)

    async def begin(self) -> None:
        """See that the daemon is there, or start it. Raises Unreachable or NotAllowed."""
        if self.framed:
            self.door.links.give(await self.door.links.take(None))
        else:
            told(await self.web.ask("GET", "/-/ready"))

    @property
    def framed(self) -> bool:
        """Whether calls go over frames."""
        return self.finder.local

    async def call(
        self,
        host: HostCore,
        function: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        timeout: float | None,
    ) -> Any:
        """Call a function: its value, or a Stream of a generator's. Raises CallError."""
        arguments = encode_arguments(args, kwargs, pickled=host.pickle)
        found: Found
        if not self.framed:
            found = await self._http_calls.call(host.name, function, arguments, timeout)
        elif host.direct:
            direct = self.door.direct(host.name)
            found = await direct.call(function, arguments, timeout)
        else:
            found = await self.door.call(host.name, function, arguments, timeout)
        if isinstance(found, tuple):
            return decode_value(*found, pickled=host.pickle)
        return Stream(found, partial(decode_value, pickled=host.pickle))

    async def ask(self, method: str, *path: str, body: Spec | None = None) -> Any:
        """Ask the API under /hosts/. Raises Refused, NotAllowed, CallError."""
        data = b"" if body is None else json.dumps(body).encode()
        headers = {**_JSON}
        if body is not None:
            headers["Content-Type"] = "application/json"
        target = target_of("hosts", *path) if path else "/hosts/"
        return told(await self.web.ask(method, target, body=data, headers=headers))

    async def status(self) -> dict[str, Any]:
        """Return what the daemon holds: `ready`, and its `hosts`, `slots` and `runs`.

        The last two are None where the daemon's address does not tell them: the public door does
        not, and without a root there are no runs. Raises NotAllowed, Unreachable.
        """
        ready = await self.web.ask("GET", "/-/ready")
        return {
            "ready": ready.status == 200,
            "hosts": (await self.ask("GET"))["hosts"],
            "slots": await self._told_to_operator("slots"),
            "runs": await self._told_to_operator("runs"),
        }

    async def _told_to_operator(self, what: str) -> Any:
        answer = await self.web.ask("GET", target_of("-", what), headers=_JSON)
        return None if answer.status == 404 else told(answer)

    async def stop_daemon(self, *, unused: bool) -> bool:
        """End the daemon, and say whether it does; `unused` as the clients say."""
        answer = await self.web.ask("POST", target_of("-", "stop", unused=unused))
        if unused and answer.status == 409:
            return False
        check(answer)
        return True

    def close(self) -> None:
        """End all connections."""
        self.door.close()
        self.web.close()

    def host(
        self,
        name: str,
        *,
        spec: Spec | None = None,
        functions: Functions | None = None,
        direct: bool = False,
        pickle: bool = False,
    ) -> HostCore:
        """Return a host by its name; nothing is asked."""
        return HostCore(
            self, name, spec=spec, functions=functions or {}, direct=direct, pickle=pickle
        )

    def lease(self, host: str) -> Lease:
        """Return a lease of a host that is not held yet."""
        if self.framed:
            return FrameLease(self.door, host)
        return HttpLease(self.web, host)


class HostCore:
    """One host by its name; `spec`, when this program defines it, so that it can do so again.

    `functions` are sent with their calls, to a host that runs such.
    """

    def __init__(
        self,
        core: Core,
        name: str,
        *,
        spec: Spec | None,
        functions: Functions,
        direct: bool,
        pickle: bool,
    ) -> None:
        self._core = core
        self.name = name
        self.spec = spec
        self.functions = functions
        self.direct = direct
        self.pickle = pickle
        self._held: list[Lease] = []

    async def ask(self, method: str, *path: str) -> Any:
        """Ask the API for this host. Raises Refused, NotAllowed, CallError."""
        return await self._core.ask(method, self.name, *path)

    async def state(self, method: str, path: str) -> dict[str, Any]:
        """Ask the API for what answers with the host's state."""
        found: dict[str, Any] = await self.ask(method, path)
        return found

    async def define(self) -> None:
        """Let the daemon have this host as `spec` says. Raises Refused."""
        if self.spec is not None:
            await self._core.ask("PUT", self.name, body=self.spec)

    async def call(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], timeout: float | None
    ) -> Any:
        """Call a function: its value, or a Stream. Raises CallError."""
        if function in self.functions:
            args, function = [self.functions[function], *args], "apply"
        try:
            for lease in self._held:
                await lease.renew()
            return await self._core.call(self, function, args, kwargs, timeout)
        except UnknownHost:
            if self.spec is None:
                raise
        await self.define()  # the daemon was started anew since
        return await self._core.call(self, function, args, kwargs, timeout)

    async def stream(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], timeout: float | None
    ) -> Stream:
        """Call a function for its values; one that is no generator gives one."""
        found = await self.call(function, args, kwargs, timeout)
        return found if isinstance(found, Stream) else One(found)

    async def hold(self) -> Lease:
        """Take a lease, which calls renew. Raises CallError, Unreachable."""
        lease = self._core.lease(self.name)
        try:
            await lease.hold()
        except UnknownHost:
            if self.spec is None:
                raise
            await self.define()
            await lease.hold()
        self._held = [*self._held, lease]
        return lease

    async def release(self, lease: Lease | None = None) -> None:
        """Let a lease go, by default the last that was taken."""
        if self._held:
            lease = lease or self._held[-1]
            self._held = [one for one in self._held if one is not lease]
            await lease.release()

    async def log(self, lines: int, *, follow: bool) -> Lines:
        """Return the last lines of the host's log, and with `follow` what comes."""
        target = target_of("hosts", self.name, "log", lines=lines, follow=follow)
        answer = await self._core.web.open("GET", target)
        if answer.answer.status != 200:
            check(await answer.rest(None))
        return Lines(answer)
