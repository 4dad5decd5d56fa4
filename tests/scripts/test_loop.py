"""The coroutines' loop: one thread, started late, that nothing a script does brings to an end."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextvars import ContextVar, copy_context
from inspect import CORO_CLOSED, getcoroutinestate
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.loop import ScriptLoop

COLOUR: ContextVar[str] = ContextVar("colour", default="none")
SECONDS = 20  # until a test gives up


class LoopTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.loop = ScriptLoop()
        self.addCleanup(self.loop.stop)

    def run_(self, coroutine: Any) -> Any:
        """Run a coroutine on the loop, and return what came of it."""
        ended: Future[Any] = Future()

        def done(task: asyncio.Task[Any]) -> None:
            if task.cancelled():
                ended.cancel()
            elif (error := task.exception()) is not None:
                ended.set_exception(error)
            else:
                ended.set_result(task.result())

        self.cancel: Callable[[], None] = self.loop.start(coroutine, copy_context(), done)
        return ended

    def test_a_thread_of_its_own(self) -> None:
        async def where() -> tuple[str, bool, bool]:
            thread = threading.current_thread()
            return thread.name, thread.daemon, self.loop.here

        self.assertEqual(self.run_(where()).result(SECONDS), ("hangerd-loop", True, True))
        self.assertFalse(self.loop.here)
        self.assertIs(
            self.run_(self.thread()).result(SECONDS), self.run_(self.thread()).result(SECONDS)
        )

    async def thread(self) -> threading.Thread:
        return threading.current_thread()

    def test_the_callers_context(self) -> None:
        async def colours() -> tuple[str, str]:
            return COLOUR.get(), await asyncio.to_thread(COLOUR.get)

        async def executed() -> str:
            return await asyncio.get_running_loop().run_in_executor(None, COLOUR.get)

        token = COLOUR.set("red")
        colours_, executed_ = self.run_(colours()), self.run_(executed())
        COLOUR.reset(token)
        self.assertEqual(colours_.result(SECONDS), ("red", "red"))
        self.assertEqual(executed_.result(SECONDS), "red")
        self.assertEqual(self.run_(executed()).result(SECONDS), "none")

    def test_cancel(self) -> None:
        ended = self.run_(asyncio.sleep(1000))
        self.cancel()
        self.cancel()
        with self.assertRaises(BaseException) as raised:
            ended.result(SECONDS)
        self.assertEqual(type(raised.exception).__name__, "CancelledError")

    def test_exit_in_a_task_does_not_end_it(self) -> None:
        async def leave() -> None:
            raise SystemExit(3)

        async def start() -> None:
            self.left = asyncio.ensure_future(leave())

        before = self.run_(self.thread()).result(SECONDS)
        self.run_(start()).result(SECONDS)
        self.assertIs(self.run_(self.thread()).result(SECONDS), before)
        self.assertIsInstance(self.left.exception(), SystemExit)

    def test_hooks_are_told_of_their_end_and_their_failure(self) -> None:
        ended = threading.Event()
        with self.assertLogs("hangerd.app", logging.ERROR) as logged:
            self.loop.call(self.fail_in_hook(), ended.set)
            self.assertTrue(ended.wait(SECONDS))
        self.assertIn("a hook failed", logged.output[0])
        ended.clear()
        self.loop.call(asyncio.sleep(0), ended.set)
        self.assertTrue(ended.wait(SECONDS))

    async def fail_in_hook(self) -> None:
        raise KeyError("x")

    def test_what_came_just_before_the_end_is_cancelled(self) -> None:
        """Its task was made, and the loop stopped, before its first step."""
        busy, go_on = threading.Event(), threading.Event()

        async def hold_up() -> None:
            busy.set()
            go_on.wait(SECONDS)

        held = self.run_(hold_up())
        self.assertTrue(busy.wait(SECONDS))
        late, waiting = self.thread(), self.run_(asyncio.sleep(1000))
        ended = self.run_(late)
        self.loop.stop()
        go_on.set()
        self.assertIsNone(held.result(SECONDS))
        for one in (ended, waiting):
            self.assertRaises(CancelledError, one.result, SECONDS)
        self.assertEqual(getcoroutinestate(late), CORO_CLOSED)

    def test_it_stops_and_starts_again(self) -> None:
        self.loop.stop()
        before = self.run_(self.thread()).result(SECONDS)
        self.loop.stop()
        before.join(SECONDS)
        self.assertFalse(before.is_alive())
        self.assertIsNot(self.run_(self.thread()).result(SECONDS), before)
