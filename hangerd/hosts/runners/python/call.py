"""One call: it ends once, by a result, the end of a stream, a fault or a cancel.

`run` is the worker's; `cancel` and `credit` come from the reading thread.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from .aio import Loop
from .faults import CallCancelled, CallError, describe_error, stack_of, was_not_entered
from .frames import Header, Payload
from .interrupt import Interruptible, MainThread
from .values import Arguments, encode_json, encode_value

if TYPE_CHECKING:
    from concurrent.futures import Future

WINDOW = 64
_END = object()
_PLAIN = frozenset({type(None), bool, int, float, str, list, dict, tuple, bytes})
"""Types of nothing but values: neither awaitable nor a stream."""


class Line(Protocol):
    """Where the answers of a call go."""

    def send(self, header: Header, payload: Payload = b"") -> None:
        """Send one message."""

    def when_roomy(self, task: Callable[[], None]) -> bool:
        """Say whether all was written; else call `task` when it is."""


class Shared(Protocol):
    """What all calls of this process share."""

    pickles: bool
    loop: Loop
    main: MainThread


class Call:
    """A call of one function, from its arrival to its end."""

    __slots__ = (
        "_accept",
        "_begun",
        "_credits",
        "_ended",
        "_future",
        "_line",
        "_lock",
        "_section",
        "_shared",
        "_wake",
        "_work",
        "arguments",
        "cancelled",
        "id",
        "over",
    )

    def __init__(
        self,
        header: Header,
        work: Callable[[Call], Any],
        arguments: Arguments,
        line: Line,
        shared: Shared,
        ended: Callable[[int], None],
    ) -> None:
        self.id: int = header["id"]
        self.arguments = arguments
        self.over = False
        self.cancelled = False
        self._accept: str | None = header.get("accept")
        window = header.get("window")
        self._credits: int = window if isinstance(window, int) else WINDOW
        self._work = work
        self._line = line
        self._shared = shared
        self._ended = ended
        self._lock = threading.Lock()
        self._section = Interruptible(shared.main)
        self._future: Future[Any] | None = None
        self._begun = False
        self._wake: Callable[[], None] | None = None

    # What the worker does

    def run(self) -> None:
        """Run the function and answer; raises nothing."""
        with self._lock:
            if self.over:
                return
            self._begun = True
        try:
            value = self._work(self)
            if self.cancelled:
                raise CallCancelled
            self._answer(value)
        except CallCancelled:
            self._fail("cancelled", CallError("cancelled", "The call was cancelled."))
        except CallError as error:
            self._fail(error.code, error)
        except BaseException as error:  # SystemExit too: one call must not end the host
            self._fail("arguments" if was_not_entered(error) else "function", error)

    def user(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call the user's function, await what is awaitable, return the value."""
        value = self._section.run(function, *args, **kwargs)
        while type(value) not in _PLAIN and hasattr(type(value), "__await__"):
            value = self._drive(value)
        return value

    def _drive(self, work: Awaitable[Any]) -> Any:
        with self._lock:
            if self.cancelled:
                getattr(work, "close", lambda: None)()
                raise CallCancelled
            self._future = self._shared.loop.submit(work)
        try:
            return self._future.result()
        except BaseException:
            if self.cancelled:
                raise CallCancelled from None
            raise
        finally:
            self._future = None

    def _answer(self, value: Any) -> None:
        if type(value) in _PLAIN:
            self.settle(value)
        elif hasattr(type(value), "__anext__"):
            self._drive(self._stream_later(value))
            self._finish({"op": "end", "id": self.id})
        elif hasattr(type(value), "__next__"):
            self._stream(value)
            self._finish({"op": "end", "id": self.id})
        else:
            self.settle(value)

    def _stream(self, values: Iterator[Any]) -> None:
        try:
            while True:
                self._wait_turn()
                value = self._section.run(next, values, _END)
                if value is _END:
                    return
                self._item(value)
        finally:
            getattr(values, "close", lambda: None)()

    def _wait_turn(self) -> None:
        while True:
            woken = threading.Event()
            if self._may_produce(woken.set):
                return
            woken.wait()

    async def _stream_later(self, values: AsyncIterator[Any]) -> None:
        try:
            await self._shared.loop.until(self._may_produce)
            async for value in values:
                self._item(value)
                await self._shared.loop.until(self._may_produce)
        finally:
            if close := getattr(values, "aclose", None):
                await close()

    def _may_produce(self, wake: Callable[[], None]) -> bool:
        with self._lock:
            if self.cancelled:
                raise CallCancelled
            self._wake = wake
            if self._credits < 1:
                return False
        return self._line.when_roomy(wake)

    def _item(self, value: Any) -> None:
        kind, payload = self.encode(value)
        with self._lock:
            if not self.over:
                self._credits -= 1
                self._line.send({"op": "item", "id": self.id, "type": kind}, payload)

    # How it ends

    def settle(self, value: Any) -> None:
        """End the call with a value. Raises CallError when the value cannot be encoded."""
        self.settle_encoded(self.encode(value))

    def encode(self, value: Any) -> tuple[str, Payload]:
        """Return (type, payload) as the caller wants it. Raises CallError."""
        return encode_value(value, self._accept, self._shared.pickles)

    def settle_encoded(self, encoded: tuple[str, Payload]) -> None:
        """End the call with a value that `encode` returned."""
        kind, payload = encoded
        self._finish({"op": "result", "id": self.id, "type": kind}, payload)

    def _fail(self, code: str, error: BaseException) -> None:
        if not self.over:
            fault = describe_error(error)
            self._finish({"op": "fault", "id": self.id, "code": code}, encode_json(fault))
        elif not self.cancelled:  # a task that had responded already: nobody else hears of this
            sys.stderr.write(stack_of(error))

    def _finish(self, header: Header, payload: Payload = b"") -> None:
        with self._lock:
            if self.over:
                return
            self.over = True
            self._line.send(header, payload)
        self._ended(self.id)

    # What the reading thread does

    def credit(self, items: int) -> None:
        """Allow more items of the stream."""
        with self._lock:
            self._credits += items
            wake, self._wake = self._wake, None
        if wake:
            wake()

    def cancel(self, reason: str) -> None:
        """End what waits or is asynchronous at once, and what runs in a thread when it returns."""
        with self._lock:
            if self.over:
                return
            self.cancelled = True
            future, begun = self._future, self._begun
            wake, self._wake = self._wake, None
        if future is not None or not begun:
            self._fail("cancelled", CallError("cancelled", f"The call was cancelled: {reason}"))
        if future is not None:
            future.cancel()
        if wake:
            wake()
        self._section.interrupt()
