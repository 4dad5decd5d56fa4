"""What a program in the daemon gets from a call: one value, or a stream of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hangerd.hosts.bell import Bell
from hangerd.hosts.calls import Call
from hangerd.hosts.errors import WireError
from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.wire import Assembler, Frame, parse_json


@dataclass(frozen=True, slots=True)
class Reply:
    """One value as it came: `type` is json, bytes or pickle."""

    type: str
    payload: bytes

    def value(self) -> Any:
        """Return what it says: bytes as bytes, JSON decoded. Raises WireError for a pickle."""
        if self.type == "bytes":
            return self.payload
        if self.type == "json":
            return parse_json(self.payload)
        raise WireError(f"a value of type {self.type:.20} is not loaded here")


class Stream:
    """The values of a generator, read one by one; at most `window` of them wait here."""

    def __init__(self, call: Call, window: int) -> None:
        self._call = call
        self._window = window
        self._values: deque[Reply] = deque()
        self._read = 0
        self._bell = Bell()
        self._fault: Fault | None = None
        self._ended = False

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> Reply:
        """Return the next value. Raises CallError when the function raised instead."""
        if not self._values and not self._ended:
            await self._bell.wait()
        if not self._values:
            if self._fault is not None:
                raise CallError(self._fault)
            raise StopAsyncIteration
        self._read += 1
        if self._read * 2 >= self._window:  # in halves, so that the function need not wait
            self._call.credit(self._read)
            self._read = 0
        return self._values.popleft()

    def close(self) -> None:
        """Want no more of it; the function is cancelled."""
        if not self._ended:
            self.end(None)
            self._call.cancel("gone")

    def add(self, reply: Reply) -> None:
        """Take a value."""
        self._values.append(reply)
        self._bell.ring()

    def end(self, fault: Fault | None) -> None:
        """Take the end."""
        self._ended = True
        self._fault = fault
        self._bell.ring()


class Collector:
    """A caller that puts pieces together.

    One of these is called, once: `came` with a Reply or a Stream, or `failed`. Neither is after
    `cancel`.
    """

    def __init__(
        self,
        window: int,
        came: Callable[[Reply | Stream], object],
        failed: Callable[[CallError], object],
    ) -> None:
        self._window = window
        self._tell_value = came
        self._tell_failure = failed
        self._call: Call | None = None
        self._pieces: Assembler | None = None
        self._stream: Stream | None = None

    def begin(self, call: Call) -> None:
        """Belong to a call."""
        self._call = call

    def cancel(self) -> None:
        """Give the call up."""
        if self._call is not None:
            self._call.cancel("cancelled")

    def answered(self, frame: Frame) -> None:
        """Take a piece."""
        if frame.more and self._pieces is None:  # few answers have more than one
            self._pieces = Assembler()
        if self._pieces is None:
            self._came(frame)
            return
        try:
            whole = self._pieces.add(frame)
        except WireError as error:
            self.cancel()
            self.failed(Fault("encoding", "WireError", error.message))
            return
        if whole is not None:
            self._came(whole)

    def _came(self, whole: Frame) -> None:
        kind = str(whole.header.get("type", "json"))
        reply = Reply(kind, whole.payload or (b"null" if kind == "json" else b""))
        if whole.op == "result":
            self._call = None  # which knows this: a circle
            self._tell_value(reply)
        elif whole.op == "item":
            self._begun().add(reply)
        else:
            self._begun().end(None)

    def failed(self, fault: Fault) -> None:
        """Take a fault."""
        if self._stream is not None:
            self._stream.end(fault)
        else:
            self._call = None
            self._tell_failure(CallError(fault))

    def _begun(self) -> Stream:
        """Return the stream, which the caller is given with its first value or its end."""
        if self._stream is None:
            assert self._call is not None  # noqa: S101 - begin comes before any answer
            self._stream = Stream(self._call, self._window)
            self._tell_value(self._stream)
        return self._stream
