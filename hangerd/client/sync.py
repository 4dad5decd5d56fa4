"""The client for programs that block: every method returns when the answer is there.

One Client may be used by many threads; a forked child makes connections of its own. What only a
connected client needs is imported by `connect`, so that importing this is cheap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from hangerd.client.running import run
from hangerd.client.streams import Lines, Stream
from hangerd.client.sync_run import Run
from hangerd.client.sync_slot import Slot

if TYPE_CHECKING:
    from hangerd.client.core import Core, HostCore
    from hangerd.client.defining import Functions, Given
    from hangerd.client.leases import Lease as HeldLease


def connect(
    url: str | None = None,
    token: str | None = None,
    *,
    state_dir: str | Path | None = None,
    spawn: bool = False,
    idle_exit: float = 300.0,
    flags: Sequence[str] = (),
    ca: str | Path | None = None,
) -> Client:
    """Find the daemon and return a client of it.

    `url` (http://HOST:PORT, https://..., unix:PATH) or $HANGERD_URL says where it is, with `token`
    or $HANGERD_TOKEN; without them it is the daemon of this user's state directory, or of
    `state_dir`. Over https:// its certificate has to be of an authority in the file `ca` or
    $HANGERD_CA, in PEM; without these, of one that the system knows.

    With `spawn` a daemon is started when it is not there: in the background, with `flags` of
    `twistd hangerd`, until nobody has used it for `idle_exit` seconds.

    Raises Unreachable (StartFailed), NotAllowed.
    """
    from hangerd.client.blocking import BlockingIo
    from hangerd.client.connecting import Spawning, make_core

    spawning = Spawning(idle_exit, flags) if spawn else None
    core = make_core(BlockingIo(), url, token, state_dir, spawning, ca)
    run(core.begin())
    return Client(core)


class Client:
    """A daemon. Connections are made when they are needed, and again after a restart."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def host(self, name: str, *, direct: bool = False, pickle: bool = False) -> Host:
        """Return a host that the daemon knows by this name; nothing is asked.

        With `direct` its calls go straight to its process, by a ticket: faster, but past the
        daemon's queue and limits. With `pickle` arguments and values are pickles.
        """
        return Host(self._core.host(name, direct=direct, pickle=pickle))

    def js(
        self, path: str | Path, *, name: str | None = None, direct: bool = False, **spec: Any
    ) -> Host:
        """Define a Node host with a host.config.js (docs/hosts.md has the fields of `spec`).

        Raises Refused.
        """
        from hangerd.client.defining import js_host

        return self._defined(*js_host(path, name, spec), direct=direct)

    def python(
        self, source: Given, *, name: str | None = None, direct: bool = False, **spec: Any
    ) -> Host:
        """Define a Python host: of a file, of a module by its name, or of functions.

        Functions are sent with each call, as pickles, for which `cloudpickle` is needed when they
        are of `__main__` (pip install 'hangerd[pickle]'). Raises Refused.
        """
        from hangerd.client.defining import python_host

        return self._defined(*python_host(source, name, spec), direct=direct)

    def _defined(
        self, name: str, spec: Mapping[str, Any], functions: Functions, *, direct: bool
    ) -> Host:
        host = self._core.host(
            name,
            spec=spec,
            functions=functions,
            direct=direct,
            pickle=bool(spec.get("pickle")),
        )
        run(host.define())
        return Host(host)

    def hosts(self) -> dict[str, Any]:
        """Return the state of every host, by name."""
        found: dict[str, Any] = run(self._core.ask("GET"))["hosts"]
        return found

    def status(self) -> dict[str, Any]:
        """Return whether it is `ready`, its `hosts`, and the numbers of `slots` and `runs`.

        These are None at an address that does not tell them, as the public one.
        """
        return run(self._core.status())

    def run(self, script: str, *argv: str) -> Run:
        """Start a script of the daemon's root, as its visitor. Raises Refused."""
        from hangerd.client.runs import start_run

        return Run(run(start_run(self._core.io, self._core.web, script, argv)))

    def open(self, *, ttl: float | None = None) -> Slot:
        """Open a slot, for `ttl` seconds or as long as the daemon allows. Raises Refused."""
        from hangerd.client.slots import open_slot

        return Slot(run(open_slot(self._core.io, self._core.web, ttl)))

    def slot(self, *, read: str = "", write: str = "") -> Slot:
        """Return a slot that another program has opened, by the tokens that it gave away."""
        from hangerd.client.slots import SlotCore

        return Slot(SlotCore(self._core.io, self._core.web, read, write))

    def stop_daemon(self, *, unused: bool = False) -> bool:
        """End the daemon; with `unused` only one that ends by itself, and that nobody uses."""
        return run(self._core.stop_daemon(unused=unused))

    def close(self) -> None:
        """End all connections."""
        self._core.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Host:
    """One host: its functions, and what its operator may do.

    Any other attribute is a function of the host: `host.page(title="x")`. With one of the names
    here, or with a `timeout`, use `call`.
    """

    def __init__(self, core: HostCore) -> None:
        self._core = core
        self.name = core.name

    def call(
        self, function: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Any:
        """Call a function and return its value; of a generator, an iterator of its values.

        Arguments are what JSON can say, or one bytes-like object. Functions of Node take one
        argument, or keyword arguments as one object. `timeout` is in seconds, 0 for none; by
        default it is the host's own. When it passes, the function is cancelled.

        Raises CallError, by its subclasses: RemoteError when the function raised; Unreachable.
        """
        return self.invoke(function, args, kwargs, timeout)

    def invoke(
        self,
        function: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        timeout: float | None = None,
    ) -> Any:
        """As `call`, where a keyword may have any name, `timeout` too."""
        found = run(self._core.call(function, args, kwargs, timeout))
        return _iterate(found) if isinstance(found, Stream) else found

    def stream(
        self, function: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Iterator[Any]:
        """Call a generator; its values come as they are made. Closing it cancels the function."""
        return _iterate(run(self._core.stream(function, args, kwargs, timeout)))

    def state(self) -> dict[str, Any]:
        """Return what the daemon knows of it."""
        return run(self._core.state("GET", "state"))

    def start(self) -> dict[str, Any]:
        """Start it, also one that has failed; return its state when it is ready."""
        return run(self._core.state("POST", "start"))

    def stop(self) -> dict[str, Any]:
        """Stop it; return its state when nothing of it is left. The next call starts it."""
        return run(self._core.state("POST", "stop"))

    def restart(self) -> dict[str, Any]:
        """Let new instances take over, without a failed call; return its state."""
        return run(self._core.state("POST", "restart"))

    def remove(self) -> None:
        """Stop it and let the daemon forget it."""
        run(self._core.ask("DELETE"))

    def log(self, lines: int = 100, *, follow: bool = False) -> Iterator[str]:
        """Return the last lines of its log; with `follow` also what comes, as it comes."""
        return _iterate(run(self._core.log(lines, follow=follow)))

    def __getattr__(self, function: str) -> Function:
        if function.startswith("_"):
            raise AttributeError(function)
        return Function(self, function)

    def lease(self) -> Lease:
        """Return a lease: while it is held, the host runs and is not stopped for idleness."""
        return Lease(self._core)

    def __enter__(self) -> Host:
        run(self._core.hold())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        run(self._core.release())


class Function:
    """A function of a host, to be called as if it were here."""

    def __init__(self, host: Host, name: str) -> None:
        self._host = host
        self.__name__ = name

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call it, with the host's own time limit; every keyword is the function's."""
        return self._host.invoke(self.__name__, args, kwargs)


class Lease:
    """Holds a host from `hold` (or `with`) until `release`, or the end of the program."""

    def __init__(self, core: HostCore) -> None:
        self._core = core
        self._lease: HeldLease | None = None

    def hold(self) -> None:
        """Take it; returns when the host is ready. Raises CallError, Unreachable."""
        if self._lease is None:
            self._lease = run(self._core.hold())

    def release(self) -> None:
        """Let it go."""
        if self._lease is not None:
            run(self._core.release(self._lease))
            self._lease = None

    def __enter__(self) -> Lease:
        self.hold()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _iterate(values: Stream | Lines) -> Iterator[Any]:
    """Go through what comes; who stops early wants no more."""
    try:
        while True:
            try:
                value = run(values.next())
            except StopAsyncIteration:
                return
            yield value
    finally:
        values.close()
