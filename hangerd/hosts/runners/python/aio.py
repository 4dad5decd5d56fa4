"""The event loop of a host's asynchronous functions: one, in its own thread, once it is needed."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future


class Loop:
    """Runs awaitables for threads that wait for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, work: Awaitable[Any]) -> Future[Any]:
        """Start `work` as a task; cancelling the future cancels the task."""
        import asyncio

        async def wait() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(wait(), self._running())

    def _running(self) -> asyncio.AbstractEventLoop:
        import asyncio  # 40 ms, and only hosts with asynchronous functions need it

        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._serve, args=(self._loop,), daemon=True).start()
            return self._loop

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        import asyncio

        asyncio.set_event_loop(loop)
        loop.run_forever()

    @staticmethod
    async def until(ask: Callable[[Callable[[], None]], bool]) -> None:
        """Wait, in the loop, until ask(wake) is true; `wake` may be called by any thread."""
        import asyncio

        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        while not ask(wake):
            await woken.wait()
            woken.clear()
