"""The hosts as scripts call them: `hosts["render"].call("page", title="x")`, from a thread.

The thread waits at its run's gate, so that the visitor who leaves, a stop and a time limit wake it.
The daemon's side is reached through the one door that is handed in; nothing here knows of Twisted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol

from hangerd.hosts.faults import CallError, Fault
from hangerd.scripts.current import CURRENT, Running

Kind = Literal["json", "bytes"]


class Value(Protocol):
    """What a function returned, as it came."""

    def value(self) -> Any:
        """Decode it."""


class Items(Protocol):
    """What a generator yields, at the daemon's side."""

    def close(self) -> None:
        """Want no more of it. To be called on the reactor thread."""


class Awaited:
    """One answer that a thread waits for. The reactor settles it once."""

    def __init__(self, run: Running) -> None:
        self._run = run
        self.value: Value | None = None
        self.items: Items | None = None
        self._fault: Fault | None = None
        self._settled = False

    def settle(
        self,
        value: Value | None = None,
        *,
        items: Items | None = None,
        fault: Fault | None = None,
    ) -> None:
        """Bring a value, a stream of them or a fault; nothing of these is the end of a stream."""
        with self._run.gate.lock:
            self.value, self.items, self._fault = value, items, fault
            self._settled = True
            self._run.gate.notify()

    def wait(self) -> None:
        """Return when it has come. Raises CallError, what ended the run."""
        if not self._run.gate.wait(lambda: self._settled):
            raise CallError(Fault("cancelled", "Cancelled", "the run of this script is over"))
        if self._fault is not None:
            error = CallError(self._fault)
            if self._fault.stack:
                error.add_note(f"In the host {self._fault.host}:\n{self._fault.stack}")
            raise error


class Door(Protocol):
    """The hosts, as any thread reaches them. Each call is answered by settling its `awaited`."""

    def call(
        self,
        host: str,
        function: str,
        payload: bytes,
        kind: Kind,
        timeout: float | None,
        awaited: Awaited,
    ) -> None:
        """Call a function. `timeout` as for Host.call."""

    def following(self, items: Any, awaited: Awaited) -> None:
        """Ask for the next item of a stream."""

    def close(self, items: Any) -> None:
        """Want no more of a stream."""

    def cancel(self, awaited: Awaited) -> None:
        """Give up what was asked for."""


class ItemsOfCall(Iterator[Any]):
    """Values of a generator in a host, each waited for when it is asked for.

    It ends with the run at the latest. It has no finalizer: that might be called while this very
    thread is handing something to the reactor.
    """

    def __init__(self, door: Door, items: Items) -> None:
        self._door = door
        self._items = items

    def __next__(self) -> Any:
        """Return the next value. Raises CallError when the function raised instead."""
        found: Any = _ask(self._door, lambda awaited: self._door.following(self._items, awaited))
        if found is None:
            raise StopIteration
        return found.value()

    def close(self) -> None:
        """Want no more of it; the function is cancelled."""
        self._door.close(self._items)


class Host:
    """One host by its name."""

    def __init__(self, door: Door, name: str) -> None:
        self.name = name
        self._door = door

    def call(
        self, function: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Any:
        """Call a function of the host, and wait for what it returns.

        Arguments are what JSON can say, or one `bytes`. Functions of Node take one argument, or
        keyword arguments as one object. A generator's values come as an iterator. `timeout` is in
        seconds, 0 for none; by default it is the host's own.

        Raises CallError, whose `fault` has type, message and stack; RuntimeError in a coroutine;
        TypeError or ValueError when the arguments cannot be said in JSON; what ended the run.
        """
        payload, kind = _encode(args, kwargs)
        found: Any = _ask(
            self._door,
            lambda asked: self._door.call(self.name, function, payload, kind, timeout, asked),
        )
        return found if isinstance(found, ItemsOfCall) else found.value()


class Hosts:
    """The daemon's hosts by name; whether there is such a host shows when it is called."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def __getitem__(self, name: str) -> Host:
        return Host(self._door, name)


def _encode(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[bytes, Kind]:
    if len(args) == 1 and not kwargs and isinstance(args[0], bytes | bytearray | memoryview):
        return bytes(args[0]), "bytes"
    said = {"args": args, "kwargs": kwargs}
    return json.dumps(said, allow_nan=False).encode(), "json"


def _ask(door: Door, ask: Callable[[Awaited], None]) -> Value | ItemsOfCall | None:
    """Have something asked of the daemon, and wait for the answer; give it up with the run."""
    run = CURRENT.get()
    if run is None:
        raise RuntimeError("hosts are called by a script while it runs")
    if not run.may_wait:
        raise RuntimeError("a call in a coroutine would stop all others: await asyncio.to_thread()")
    awaited = Awaited(run)
    try:
        ask(awaited)
        awaited.wait()
    except BaseException:
        door.cancel(awaited)
        raise
    if awaited.items is None:
        return awaited.value
    run.at_end(awaited.items.close)
    return ItemsOfCall(door, awaited.items)
