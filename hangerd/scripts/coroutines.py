"""The coroutines of one run: `run()` starts them, `wait()` waits, the page ends after the last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from contextvars import copy_context
from inspect import CORO_CREATED, getcoroutinestate
from typing import Any

from hangerd.scripts.gate import Gate
from hangerd.scripts.loop import ScriptLoop
from hangerd.scripts.outcome import Outcome, outcome_of


class CoroutineFuture(Future[Any]):
    """What `run()` returns: a concurrent Future whose waits end when the run ends."""

    def __init__(self, gate: Gate, loop: ScriptLoop) -> None:
        super().__init__()
        self._gate = gate
        self._scripts_loop = loop
        self.asked = False  # somebody has seen, or will see, what came of it

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the coroutine's result, or raise what it raised.

        Raises TimeoutError after `timeout` seconds, RuntimeError on the loop itself.
        """
        self._settle(timeout)
        return super().result(0)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the coroutine, and return what it raised."""
        self._settle(timeout)
        return super().exception(0)

    def _settle(self, timeout: float | None) -> None:
        self.asked = True
        if not self.done():
            if self._scripts_loop.here:
                raise RuntimeError("wait() on the coroutines' loop would stop it: use await")
            self._gate.wait(self.done, timeout)


class Coroutines:
    """Starts a run's coroutines and knows which have not ended."""

    def __init__(self, gate: Gate, loop: ScriptLoop, settled: Callable[[], None]) -> None:
        self._gate = gate
        self._loop = loop
        self._settled = settled
        self._pending: dict[CoroutineFuture, Callable[[], None]] = {}
        self._failed: list[tuple[CoroutineFuture, Outcome]] = []

    @property
    def pending(self) -> int:
        """Count those that have not ended."""
        return len(self._pending)

    def run(self, awaitable: Awaitable[Any]) -> CoroutineFuture:
        """Start an awaitable on the loop, in the caller's context."""
        future = CoroutineFuture(self._gate, self._loop)

        def done(_: asyncio.Task[Any]) -> None:
            if not future.done():
                future.cancel()
            _close(awaitable)  # one that was cancelled before its first step
            with self._gate.lock:
                self._pending.pop(future, None)
                self._gate.notify()
            if not self._pending:
                self._settled()

        with self._gate.lock:
            try:
                self._gate.check()
            except BaseException:
                _close(awaitable)
                raise
            self._pending[future] = _nothing
            work = self._supervise(awaitable, future)
            self._pending[future] = self._loop.start(work, copy_context(), done)
        return future

    def wait(self, awaitable: Awaitable[Any], timeout: float | None = None) -> Any:
        """Run an awaitable to its end and return its result. Raises TimeoutError, RuntimeError."""
        if self._loop.here:
            _close(awaitable)
            raise RuntimeError("wait() on the coroutines' loop would stop it: use await")
        future = self.run(awaitable)
        try:
            return future.result(timeout)
        finally:
            if not future.done() and (cancel := self._pending.get(future)):
                cancel()

    def cancel(self) -> None:
        """Cancel what has not ended. Any thread."""
        if not self._pending:
            return
        with self._gate.lock:
            cancels = list(self._pending.values())
        for cancel in cancels:
            cancel()

    def unseen_failure(self) -> Outcome | None:
        """Return what came of a coroutine that failed and that nobody asked about."""
        if not self._failed:
            return None
        return next((outcome for future, outcome in self._failed if not future.asked), None)

    async def _supervise(self, awaitable: Awaitable[Any], future: CoroutineFuture) -> None:
        try:
            result = await awaitable
        except (asyncio.CancelledError, CancelledError):
            return
        except BaseException as error:  # SystemExit too: it would end the loop
            self._failed.append((future, outcome_of(error)))
            future.set_exception(error)
        else:
            future.set_result(result)


def _close(awaitable: Awaitable[Any]) -> None:
    """Give up a coroutine that has not begun: it would warn that nobody awaited it."""
    if asyncio.iscoroutine(awaitable) and getcoroutinestate(awaitable) == CORO_CREATED:
        awaitable.close()


def _nothing() -> None:
    """Cancel a coroutine that is about to start: it will hear of the end at its first output."""
