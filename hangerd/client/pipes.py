"""What the client needs of its surroundings: connections, time, and somewhere to block.

The logic of the client is written once, as coroutines over these interfaces. `blocking` waits in
the calling thread, `asyncio_pipes` in asyncio's loop, `twisted_pipes` in the reactor.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from hangerd.client.session import Awaited

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect: the `path` of a Unix socket, or `host` and `port`, with TLS or without.

    `ca` is a file with the authorities that TLS trusts, in PEM; if empty, the system's are.
    """

    path: str = ""
    host: str = ""
    port: int = 0
    tls: bool = False
    ca: str = ""

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"


class Receiver(Protocol):
    """Takes what comes on a connection."""

    def feed(self, data: bytes) -> None:
        """Take bytes. An exception ends the connection."""
        ...

    def lost(self, reason: str, unread: bool = False) -> None:
        """Take note of the end; `unread`: the other side has not read all that was written."""
        ...


class Pipe(Protocol):
    """One connection. It tells its receiver what comes while somebody waits."""

    def write(self, data: bytes) -> None:
        """Send, or have sent; what cannot be sent is lost, which the receiver is told."""
        ...

    async def drain(self, deadline: float | None) -> None:
        """Wait until not much is left to send. Raises TimeoutError."""
        ...

    async def wait(self, awaited: Awaited, deadline: float | None) -> None:
        """Return when `awaited` is ready. Raises TimeoutError at `deadline` (of `Io.now`)."""
        ...

    def look(self) -> bool:
        """Take what has come while nobody waited; return whether it is still open."""
        ...

    def own(self) -> None:
        """Raise RuntimeError when it is of the process that this one was forked from."""
        ...

    def close(self) -> None:
        """End it; the receiver is told."""
        ...


class Io(Protocol):
    """The surroundings. With `shared`, many exchanges at once may wait on one connection."""

    shared: bool

    def now(self) -> float:
        """Seconds of a clock that only goes on."""
        ...

    async def open(self, address: Address, receiver: Receiver, deadline: float | None) -> Pipe:
        """Connect. Raises OSError (TimeoutError at the deadline)."""
        ...

    def lock(self) -> AbstractAsyncContextManager[Any]:
        """A lock for coroutines that share a thread; where none do, one that locks nothing."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Do something that blocks, where it blocks nobody else."""
        ...
