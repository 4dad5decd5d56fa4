"""What comes bit by bit: the values of a generator in a host, the lines of a host's log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hangerd.client.calls import Items
    from hangerd.client.http_links import Streamed


class Stream:
    """The values that a generator in a host yields."""

    def __init__(self, items: Items, decode: Callable[[str, bytes], Any]) -> None:
        self._items = items
        self._decode = decode

    async def next(self) -> Any:
        """Return the next value. Raises StopAsyncIteration after the last, CallError."""
        value = await self._items.next()
        if value is None:
            raise StopAsyncIteration
        return self._decode(*value)

    def close(self) -> None:
        """Want no more; the function is cancelled."""
        self._items.close()


class One(Stream):
    """The value of a function that is no generator, as a stream."""

    def __init__(self, value: Any) -> None:
        self._values = [value]

    async def next(self) -> Any:
        """Return the value, once."""
        if not self._values:
            raise StopAsyncIteration
        return self._values.pop()

    def close(self) -> None:
        """Do nothing: it is over."""


class Lines:
    """Lines of text, as they come."""

    def __init__(self, answer: Streamed) -> None:
        self._answer = answer
        self._begun = b""
        self._lines: list[bytes] = []

    async def next(self, deadline: float | None = None) -> str:
        """Return the next line.

        Raises StopAsyncIteration after the last, ConnectionLost, TimeoutError at the deadline.
        """
        while not self._lines:
            chunk = await self._answer.chunk(deadline)
            if not chunk:
                raise StopAsyncIteration
            *lines, self._begun = (self._begun + chunk).split(b"\n")
            self._lines = lines[::-1]
        return self._lines.pop().decode(errors="replace")

    def close(self) -> None:
        """Want no more."""
        self._answer.close()
