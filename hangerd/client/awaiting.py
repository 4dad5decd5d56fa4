"""The client for coroutines, whatever their loop: the names of `hangerd.client`, to be awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from hangerd.client.core import Core, HostCore
from hangerd.client.defining import Functions, Given, js_host, python_host
from hangerd.client.leases import Lease as HeldLease
from hangerd.client.runs import Event, RunCore, start_run
from hangerd.client.slots import SlotCore, Value, open_slot
from hangerd.client.streams import Lines, Stream


class Client:
    """A daemon; as `hangerd.client.Client`. Many coroutines may use it at once."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def host(self, name: str, *, direct: bool = False, pickle: bool = False) -> Host:
        """Return a host that the daemon knows by this name; nothing is asked."""
        return Host(self._core.host(name, direct=direct, pickle=pickle))

    async def js(
        self, path: str | Path, *, name: str | None = None, direct: bool = False, **spec: Any
    ) -> Host:
        """Define a Node host with a host.config.js. Raises Refused."""
        return await self._defined(*js_host(path, name, spec), direct=direct)

    async def python(
        self, source: Given, *, name: str | None = None, direct: bool = False, **spec: Any
    ) -> Host:
        """Define a Python host: of a file, a module by its name, or functions. Raises Refused."""
        return await self._defined(*python_host(source, name, spec), direct=direct)

    async def _defined(
        self, name: str, spec: Mapping[str, Any], functions: Functions, *, direct: bool
    ) -> Host:
        host = self._core.host(
            name,
            spec=spec,
            functions=functions,
            direct=direct,
            pickle=bool(spec.get("pickle")),
        )
        await host.define()
        return Host(host)

    async def hosts(self) -> dict[str, Any]:
        """Return the state of every host, by name."""
        found: dict[str, Any] = (await self._core.ask("GET"))["hosts"]
        return found

    async def status(self) -> dict[str, Any]:
        """Return whether it is `ready`, its `hosts`, and the numbers of `slots` and `runs`."""
        return await self._core.status()

    async def run(self, script: str, *argv: str) -> Run:
        """Start a script of the daemon's root, as its visitor. Raises Refused."""
        return Run(await start_run(self._core.io, self._core.web, script, argv))

    async def open(self, *, ttl: float | None = None) -> Slot:
        """Open a slot. Raises Refused."""
        return Slot(await open_slot(self._core.io, self._core.web, ttl))

    def slot(self, *, read: str = "", write: str = "") -> Slot:
        """Return a slot that another program has opened, by the tokens that it gave away."""
        return Slot(SlotCore(self._core.io, self._core.web, read, write))

    async def stop_daemon(self, *, unused: bool = False) -> bool:
        """End the daemon; with `unused` only one that ends by itself, and that nobody uses."""
        return await self._core.stop_daemon(unused=unused)

    async def close(self) -> None:
        """End all connections."""
        self._core.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._core.close()


class Host:
    """One host; as `hangerd.client.Host`."""

    def __init__(self, core: HostCore) -> None:
        self._core = core
        self.name = core.name

    async def call(
        self, function: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Any:
        """Call a function: its value, or of a generator an async iterator of its values.

        Cancelling it cancels the function. Raises CallError, Unreachable.
        """
        return await self.invoke(function, args, kwargs, timeout)

    async def invoke(
        self,
        function: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        timeout: float | None = None,
    ) -> Any:
        """As `call`, where a keyword may have any name, `timeout` too."""
        found = await self._core.call(function, args, kwargs, timeout)
        return _iterate(found) if isinstance(found, Stream) else found

    async def stream(
        self, function: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Call a generator; its values come as they are made. Closing it cancels the function."""
        async for value in _iterate(await self._core.stream(function, args, kwargs, timeout)):
            yield value

    def __getattr__(self, function: str) -> Function:
        if function.startswith("_"):
            raise AttributeError(function)
        return Function(self, function)

    async def state(self) -> dict[str, Any]:
        """Return what the daemon knows of it."""
        return await self._core.state("GET", "state")

    async def start(self) -> dict[str, Any]:
        """Start it, also one that has failed; return its state when it is ready."""
        return await self._core.state("POST", "start")

    async def stop(self) -> dict[str, Any]:
        """Stop it; return its state when nothing of it is left."""
        return await self._core.state("POST", "stop")

    async def restart(self) -> dict[str, Any]:
        """Let new instances take over, without a failed call; return its state."""
        return await self._core.state("POST", "restart")

    async def remove(self) -> None:
        """Stop it and let the daemon forget it."""
        await self._core.ask("DELETE")

    async def log(self, lines: int = 100, *, follow: bool = False) -> AsyncIterator[str]:
        """Return the last lines of its log; with `follow` also what comes, as it comes."""
        async for line in _iterate(await self._core.log(lines, follow=follow)):
            yield line

    def lease(self) -> Lease:
        """Return a lease: while it is held, the host runs and is not stopped for idleness."""
        return Lease(self._core)

    async def __aenter__(self) -> Host:
        await self._core.hold()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._core.release()


class Function:
    """A function of a host, to be awaited as if it were here."""

    def __init__(self, host: Host, name: str) -> None:
        self._host = host
        self.__name__ = name

    async def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call it, with the host's own time limit; every keyword is the function's."""
        return await self._host.invoke(self.__name__, args, kwargs)


class Lease:
    """Holds a host from `hold` (or `async with`) until `release`, or the end of the program."""

    def __init__(self, core: HostCore) -> None:
        self._core = core
        self._lease: HeldLease | None = None

    async def hold(self) -> None:
        """Take it; returns when the host is ready. Raises CallError, Unreachable."""
        if self._lease is None:
            self._lease = await self._core.hold()

    async def release(self) -> None:
        """Let it go."""
        lease, self._lease = self._lease, None
        if lease is not None:
            await self._core.release(lease)

    async def __aenter__(self) -> Lease:
        await self.hold()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.release()


class Slot:
    """A place for one value; as `hangerd.client.Slot`."""

    def __init__(self, core: SlotCore) -> None:
        self._core = core
        self.read_token = core.read_token
        self.write_token = core.write_token

    async def write(self, value: Value, *, replace: bool = False, wait: float = 0.0) -> bool:
        """Put a value in; True when its reader has said within `wait` seconds that it came."""
        return await self._core.write(value, replace=replace, wait=wait)

    async def read(self, timeout: float | None = None) -> Value:
        """Wait for a value, and take it. Raises SlotClosed, TimeoutError."""
        return await self._core.read(timeout)

    async def close(self, reason: str = "cancel") -> None:
        """End the slot: "eof", "interrupt" or "cancel"."""
        await self._core.close(reason)

    async def state(self) -> dict[str, Any]:
        """Return its state, how many readers wait, and how long it lives, in seconds."""
        return await self._core.state()


class Run:
    """A script that runs, an async iterator of events; as `hangerd.client.sync.Run`."""

    def __init__(self, core: RunCore) -> None:
        self._core = core
        self.id = core.id

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._core.next()

    async def stop(self) -> None:
        """End the run; what it still prints, and its end, come as ever."""
        await self._core.stop()

    def close(self) -> None:
        """Want no more: the script is ended as when a visitor leaves."""
        self._core.close()


async def _iterate(values: Stream | Lines) -> AsyncIterator[Any]:
    """Go through what comes; who stops early wants no more."""
    try:
        while True:
            try:
                value = await values.next()
            except StopAsyncIteration:
                return
            yield value
    finally:
        values.close()
