"""One asyncio loop, in a thread of its own, for what scripts give to `run()` and `wait()`.

The thread is a daemon and never joined; a coroutine that blocks holds up other coroutines, and
nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any, TypeVar

T = TypeVar("T")


class _ContextExecutor(ThreadPoolExecutor):
    """Runs each call in the context of who asked for it: its threads serve many runs."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        submit: Callable[..., Future[T]] = super().submit
        return Context().run(submit, copy_context().run, fn, *args, **kwargs)


class ScriptLoop:
    """Starts its thread at the first coroutine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def here(self) -> bool:
        """Whether the caller is on the loop, where nothing may block."""
        return self._thread is threading.current_thread()

    def elsewhere(self) -> bool:
        """Whether the caller is not on the loop, and may block."""
        return not self.here

    def start(
        self, coroutine: Coroutine[Any, Any, Any], context: Context, done: Callable[..., None]
    ) -> Callable[[], None]:
        """Run a coroutine in a context; `done(task)` is called on the loop when it has ended.

        Return what cancels it; both may be called from any thread.
        """
        tasks: list[asyncio.Task[Any]] = []

        def begin() -> None:
            task = loop.create_task(coroutine, context=context)
            tasks.append(task)
            task.add_done_callback(done)

        def cancel() -> None:
            loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])

        with self._lock:  # before the loop is told to stop, or on the next one
            loop = self._running()
            loop.call_soon_threadsafe(begin)
        return cancel

    def call(self, coroutine: Coroutine[Any, Any, Any], done: Callable[[], None]) -> None:
        """Run a coroutine that belongs to no run; `done` is called on the loop in any case."""

        def ended(task: asyncio.Task[Any]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                logging.getLogger("hangerd.app").error("a hook failed", exc_info=error)
            done()

        self.start(coroutine, Context(), ended)

    def stop(self) -> None:
        """Cancel what was started, and let the thread leave, if it can; nobody waits for it."""
        forget_executors()
        with self._lock:
            loop, self._loop, self._thread = self._loop, None, None
            if loop is not None:
                loop.call_soon_threadsafe(loop.stop)

    def _running(self) -> asyncio.AbstractEventLoop:
        """Give the loop, started if need be. The caller holds the lock."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(
                _ContextExecutor(8, thread_name_prefix="hangerd-scripts")
            )
            self._thread = threading.Thread(
                target=self._serve, args=(self._loop,), name="hangerd-loop", daemon=True
            )
            Context().run(self._thread.start)  # it belongs to no run
        return self._loop

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        _insist(loop.run_forever)
        # What came just before the end has a task that was never run: nobody would hear of it.
        if left := asyncio.all_tasks(loop):
            for task in left:
                task.cancel()
            _insist(lambda: loop.run_until_complete(asyncio.wait(left)))


def _insist(run: Callable[[], object]) -> None:
    while True:
        try:
            run()
        except (SystemExit, KeyboardInterrupt):
            continue  # a task that some script started called exit()
        return


def forget_executors() -> None:
    """Let the process end although a script's executor still works.

    concurrent.futures joins its threads when the interpreter ends, daemons too; there is no public
    way to take a thread off its list.
    """
    futures = sys.modules.get("concurrent.futures.thread")
    getattr(futures, "_threads_queues", {}).clear()
