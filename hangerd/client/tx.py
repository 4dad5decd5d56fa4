"""The client for Twisted: the names of `hangerd.client`, with Deferreds.

Cancelling a Deferred of a call cancels the function. `stream` and `log` give async iterators, for
coroutines.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from hangerd.client import awaiting
from hangerd.client.connecting import IDLE_EXIT, Spawning, make_core
from hangerd.client.defining import Given
from hangerd.client.runs import Event
from hangerd.client.slots import Value
from hangerd.client.twisted_pipes import TwistedIo

__all__ = ["Client", "Host", "Lease", "Slot", "connect"]


def connect(
    reactor: Any,
    url: str | None = None,
    token: str | None = None,
    *,
    state_dir: str | Path | None = None,
    spawn: bool = False,
    idle_exit: float = IDLE_EXIT,
    flags: Sequence[str] = (),
    ca: str | Path | None = None,
) -> Deferred[Client]:
    """Find the daemon, or start it; as `hangerd.client.connect`.

    Fails with Unreachable (StartFailed) or NotAllowed.
    """
    spawning = Spawning(idle_exit, flags) if spawn else None
    core = make_core(TwistedIo(reactor), url, token, state_dir, spawning, ca)

    async def begin() -> Client:
        await core.begin()
        return Client(awaiting.Client(core))

    return Deferred.fromCoroutine(begin())


class Client:
    """A daemon."""

    def __init__(self, client: awaiting.Client) -> None:
        self._client = client

    def host(self, name: str, *, direct: bool = False, pickle: bool = False) -> Host:
        """Return a host that the daemon knows by this name; nothing is asked."""
        return Host(self._client.host(name, direct=direct, pickle=pickle))

    def js(
        self, path: str | Path, *, name: str | None = None, direct: bool = False, **spec: Any
    ) -> Deferred[Host]:
        """Define a Node host with a host.config.js. Fails with Refused."""
        made = self._client.js(path, name=name, direct=direct, **spec)
        return Deferred.fromCoroutine(made).addCallback(Host)

    def python(
        self, source: Given, *, name: str | None = None, direct: bool = False, **spec: Any
    ) -> Deferred[Host]:
        """Define a Python host: of a file, a module, or functions. Fails with Refused."""
        made = self._client.python(source, name=name, direct=direct, **spec)
        return Deferred.fromCoroutine(made).addCallback(Host)

    def hosts(self) -> Deferred[dict[str, Any]]:
        """Fire with the state of every host, by name."""
        return Deferred.fromCoroutine(self._client.hosts())

    def status(self) -> Deferred[dict[str, Any]]:
        """Fire with whether it is `ready`, its `hosts`, and the numbers of `slots` and `runs`."""
        return Deferred.fromCoroutine(self._client.status())

    def run(self, script: str, *argv: str) -> Deferred[Run]:
        """Start a script of the daemon's root, as its visitor. Fails with Refused."""
        return Deferred.fromCoroutine(self._client.run(script, *argv)).addCallback(Run)

    def open(self, *, ttl: float | None = None) -> Deferred[Slot]:
        """Open a slot. Fails with Refused."""
        return Deferred.fromCoroutine(self._client.open(ttl=ttl)).addCallback(Slot)

    def slot(self, *, read: str = "", write: str = "") -> Slot:
        """Return a slot that another program has opened, by the tokens that it gave away."""
        return Slot(self._client.slot(read=read, write=write))

    def stop_daemon(self, *, unused: bool = False) -> Deferred[bool]:
        """End the daemon; with `unused` only one that ends by itself, and that nobody uses."""
        return Deferred.fromCoroutine(self._client.stop_daemon(unused=unused))

    def close(self) -> Deferred[None]:
        """End all connections."""
        return Deferred.fromCoroutine(self._client.close())


class Host:
    """One host; any other attribute is a function of it, which gives a Deferred."""

    def __init__(self, host: awaiting.Host) -> None:
        self._host = host
        self.name = host.name

    def call(
        self, function: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Deferred[Any]:
        """Call a function; fires with its value, or an async iterator of a generator's values.

        Fails with CallError or Unreachable.
        """
        return self.invoke(function, args, kwargs, timeout)

    def invoke(
        self,
        function: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        timeout: float | None = None,
    ) -> Deferred[Any]:
        """As `call`, where a keyword may have any name, `timeout` too."""
        return Deferred.fromCoroutine(self._host.invoke(function, args, kwargs, timeout))

    def stream(
        self, function: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Call a generator; its values come as they are made."""
        return self._host.stream(function, *args, timeout=timeout, **kwargs)

    def __getattr__(self, function: str) -> Callable[..., Deferred[Any]]:
        if function.startswith("_"):
            raise AttributeError(function)
        return lambda *args, **kwargs: self.invoke(function, args, kwargs)

    def state(self) -> Deferred[dict[str, Any]]:
        """Fire with what the daemon knows of it."""
        return Deferred.fromCoroutine(self._host.state())

    def start(self) -> Deferred[dict[str, Any]]:
        """Start it; fires with its state when it is ready."""
        return Deferred.fromCoroutine(self._host.start())

    def stop(self) -> Deferred[dict[str, Any]]:
        """Stop it; fires with its state when nothing of it is left."""
        return Deferred.fromCoroutine(self._host.stop())

    def restart(self) -> Deferred[dict[str, Any]]:
        """Let new instances take over; fires with its state."""
        return Deferred.fromCoroutine(self._host.restart())

    def remove(self) -> Deferred[None]:
        """Stop it and let the daemon forget it."""
        return Deferred.fromCoroutine(self._host.remove())

    def log(self, lines: int = 100, *, follow: bool = False) -> AsyncIterator[str]:
        """Return the last lines of its log; with `follow` also what comes."""
        return self._host.log(lines, follow=follow)

    def lease(self) -> Lease:
        """Return a lease: while it is held, the host runs and is not stopped for idleness."""
        return Lease(self._host.lease())


class Lease:
    """Holds a host from `hold` until `release`, or the end of the program."""

    def __init__(self, lease: awaiting.Lease) -> None:
        self._lease = lease

    def hold(self) -> Deferred[None]:
        """Take it; fires when the host is ready. Fails with CallError or Unreachable."""
        return Deferred.fromCoroutine(self._lease.hold())

    def release(self) -> Deferred[None]:
        """Let it go."""
        return Deferred.fromCoroutine(self._lease.release())


class Slot:
    """A place for one value."""

    def __init__(self, slot: awaiting.Slot) -> None:
        self._slot = slot
        self.read_token = slot.read_token
        self.write_token = slot.write_token

    def write(self, value: Value, *, replace: bool = False, wait: float = 0.0) -> Deferred[bool]:
        """Put a value in; fires with whether its reader has said within `wait` that it came."""
        return Deferred.fromCoroutine(self._slot.write(value, replace=replace, wait=wait))

    def read(self, timeout: float | None = None) -> Deferred[Value]:
        """Wait for a value, and take it. Fails with SlotClosed or TimeoutError."""
        return Deferred.fromCoroutine(self._slot.read(timeout))

    def close(self, reason: str = "cancel") -> Deferred[None]:
        """End the slot: "eof", "interrupt" or "cancel"."""
        return Deferred.fromCoroutine(self._slot.close(reason))

    def state(self) -> Deferred[dict[str, Any]]:
        """Fire with its state."""
        return Deferred.fromCoroutine(self._slot.state())


class Run:
    """A script that runs; an async iterator of events, for coroutines."""

    def __init__(self, run: awaiting.Run) -> None:
        self._run = run
        self.id = run.id

    def __aiter__(self) -> AsyncIterator[Event]:
        return self._run

    def stop(self) -> Deferred[None]:
        """End the run; what it still prints, and its end, come as ever."""
        return Deferred.fromCoroutine(self._run.stop())

    def close(self) -> None:
        """Want no more: the script is ended as when a visitor leaves."""
        self._run.close()
