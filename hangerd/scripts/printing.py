"""How a run's text becomes bytes on their way, and how its headers close when the first ones go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from hangerd.scripts.gate import Gate
from hangerd.scripts.loop import ScriptLoop
from hangerd.scripts.output import HIGH_WATER, PIECE, Output
from hangerd.scripts.response import Head


class Printing:
    """The printing half of a run."""

    def __init__(self, gate: Gate, output: Output, loop: ScriptLoop, *, early_errors: bool) -> None:
        self.head = Head()
        self.output = output
        self.streams: dict[str, Any] = {}
        self.log_handlers: list[logging.Handler] = []
        self.log_level = logging.WARNING
        self._gate = gate
        self._loop = loop
        self._early_errors = early_errors  # standard error goes to the page for certain
        self._opening = False

    @property
    def has_response_hooks(self) -> bool:
        """Whether any middleware wants to see the headers."""
        return False

    async def call_response_hooks(self) -> None:
        """Let the middleware see the headers."""

    def wait(self, coroutine: Awaitable[Any], timeout: float | None = None) -> Any:
        """Run a coroutine to its end."""
        raise NotImplementedError

    def print(
        self,
        *values: object,
        sep: str | None = None,
        end: str | None = None,
        file: Any = None,
        flush: bool = False,
    ) -> None:
        """Print to the visitor, or to a file: in one piece, from any thread or coroutine."""
        if sep is not None or end is not None:
            _check_words(sep=sep, end=end)
        text = (" " if sep is None else sep).join(map(str, values))
        tail = "\n" if end is None else end
        target = self.streams.get("stdout") if file is None else file
        write = self.write_text if target is None else target.write
        if len(text) > PIECE and target is None:  # a copy would double what it takes
            write(text)
            write(tail)
        else:
            write(text + tail)
        if flush and target is not None:
            target.flush()

    def write_text(self, text: str, err: bool = False) -> None:
        """Send text as UTF-8, a lone surrogate as its escape; what is long, in pieces."""
        if len(text) <= PIECE:
            self.write_bytes(text.encode("utf-8", "backslashreplace"), err)
            return
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE]
            self.write_bytes(piece.encode("utf-8", "backslashreplace"), err)

    def write_bytes(self, data: bytes, err: bool = False) -> None:
        """Send bytes; wait while the visitor is slow. Raises what ended the run."""
        if data and not self.head.frozen and (self._early_errors or not err):
            self.open_output()
        self.output.write(data, err)

    def post(self, call: Callable[[], object], size: int = 0) -> None:
        """Have `call` made on the reactor thread, in its place among the output."""
        self.output.post(call, size)

    def flush(self) -> None:
        """Raise what ended the run, if anything did."""
        self.output.check()

    def open_output(self) -> None:
        """Close the headers, after the middleware saw them."""
        if self.head.frozen or self._opening:
            return
        if self.has_response_hooks:
            if self._loop.here:
                _step_through(self.before_output())
            else:
                self.wait(self.before_output())
        self.head.frozen = True

    async def before_output(self) -> None:
        """Let the response middleware see the headers, and freeze them."""
        if self.head.frozen or self._opening:
            return
        self._opening = True
        try:
            await self.call_response_hooks()
        finally:
            self._opening = False
        self.head.frozen = True

    async def drained(self) -> None:
        """Wait on the loop, without blocking it, until the visitor has taken enough."""
        while self.output.size > HIGH_WATER and not self._gate.over:
            await asyncio.sleep(0.01)
        self.output.check()


def _check_words(**words: object) -> None:
    for name, value in words.items():
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} must be None or a string, not {type(value).__name__}")


def _step_through(coroutine: Any) -> None:
    """Run a coroutine that does not wait for anything: on the loop there is no waiting for it."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("response middleware has to wait: print first, or await response.write()")
