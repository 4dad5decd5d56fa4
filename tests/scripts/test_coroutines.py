"""A run's coroutines on a loop that the test turns: results, ends, and who waits for whom."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import Context, ContextVar
from inspect import CORO_CLOSED, getcoroutinestate
from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.coroutines import CoroutineFuture, Coroutines
from hangerd.scripts.errors import Stopped
from hangerd.scripts.gate import Gate

COLOUR: ContextVar[str] = ContextVar("colour", default="none")


class Turn:
    """What a coroutine awaits until the loop comes to it again."""

    def __await__(self) -> Generator[None, None, str]:
        yield
        return "turned"


class FakeLoop:
    """Runs each coroutine up to its next wait, when the test says so."""

    def __init__(self) -> None:
        self.here = False
        self.cancelled = 0
        self._steps: list[tuple[Coroutine[Any, Any, Any], Context, Callable[..., None]]] = []

    def start(
        self, coroutine: Coroutine[Any, Any, Any], context: Context, done: Callable[..., None]
    ) -> Callable[[], None]:
        self._steps.append((coroutine, context, done))

        def cancel() -> None:
            self.cancelled += 1
            self._steps.remove(step)
            coroutine.close()
            done(None)

        step = self._steps[-1]
        return cancel

    def turn(self) -> None:
        """Take each one a step on."""
        for step in list(self._steps):
            coroutine, context, done = step
            try:
                context.run(coroutine.send, None)
            except StopIteration:
                self._steps.remove(step)
                done(None)


class CoroutinesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.settled = 0
        self.gate = Gate(lambda thread, error: None)
        self.loop = FakeLoop()
        self.coroutines = Coroutines(self.gate, cast(Any, self.loop), self.settle)

    def settle(self) -> None:
        self.settled += 1

    def test_the_last_one_settles_the_run(self) -> None:
        async def work(turns: int) -> int:
            for _ in range(turns):
                await Turn()
            return turns

        short, long = self.coroutines.run(work(0)), self.coroutines.run(work(1))
        self.assertEqual(self.coroutines.pending, 2)
        self.loop.turn()
        self.assertEqual((self.coroutines.pending, self.settled), (1, 0))
        self.loop.turn()
        self.assertEqual((self.coroutines.pending, self.settled), (0, 1))
        self.assertEqual((short.result(), long.result()), (0, 1))

    def test_any_awaitable(self) -> None:
        future = self.coroutines.run(Turn())
        self.loop.turn()
        self.loop.turn()
        self.assertEqual(future.result(), "turned")

    def test_in_the_context_of_the_caller(self) -> None:
        async def colour() -> str:
            return COLOUR.get()

        token = COLOUR.set("red")
        future = self.coroutines.run(colour())
        COLOUR.reset(token)
        self.loop.turn()
        self.assertEqual(future.result(), "red")

    def test_what_it_raised(self) -> None:
        failed, unseen = self.fail_with(KeyError("x")), self.fail_with(SystemExit(3))
        self.assertRaises(KeyError, failed.result)
        left = self.coroutines.unseen_failure()
        assert left is not None
        self.assertEqual((left.kind, left.exit_code), ("exit", 3))
        self.assertIsInstance(unseen.exception(), SystemExit)
        self.assertIsNone(self.coroutines.unseen_failure())

    def fail_with(self, error: BaseException) -> CoroutineFuture:
        async def fail() -> None:
            raise error

        future = self.coroutines.run(fail())
        self.loop.turn()
        return future

    def test_a_cancelled_one_is_cancelled_for_who_waits(self) -> None:
        for error in (asyncio.CancelledError(), asyncio.exceptions.CancelledError()):
            self.assertTrue(self.fail_with(error).cancelled())
        future = self.coroutines.run(Turn())
        self.coroutines.cancel()
        self.assertTrue(future.cancelled())
        self.assertEqual((self.coroutines.pending, self.loop.cancelled), (0, 1))
        self.assertIsNone(self.coroutines.unseen_failure())

    def test_waiting_in_another_thread(self) -> None:
        results: list[Any] = []
        thread = threading.Thread(target=lambda: results.append(self.coroutines.wait(Turn())))
        thread.start()
        while not results:
            self.loop.turn()
        thread.join(10)
        self.assertEqual(results, ["turned"])

    def test_who_waits_too_long_cancels(self) -> None:
        self.assertRaises(TimeoutError, self.coroutines.wait, Turn(), 0)
        self.assertEqual((self.coroutines.pending, self.loop.cancelled), (0, 1))

    def test_waiting_on_the_loop_is_refused(self) -> None:
        future = self.coroutines.run(Turn())
        self.loop.here = True
        coroutine = self.never()
        self.assertRaises(RuntimeError, self.coroutines.wait, coroutine)
        self.assertRaises(RuntimeError, coroutine.send, None)  # closed, so that nothing warns
        self.assertRaises(RuntimeError, self.coroutines.wait, Turn())
        self.assertRaises(RuntimeError, future.result)
        self.loop.turn()
        self.loop.turn()
        self.assertEqual(future.result(), "turned")  # what is there needs no waiting

    async def never(self) -> None:
        await Turn()

    def test_the_end_of_the_run_wakes_and_refuses(self) -> None:
        future = self.coroutines.run(Turn())
        self.gate.end(Stopped)
        self.assertRaises(Stopped, future.result)
        late: Awaitable[Any] = Turn()
        self.assertRaises(Stopped, self.coroutines.run, late)
        coroutine = self.never()
        self.assertRaises(Stopped, self.coroutines.run, coroutine)
        self.assertEqual(getcoroutinestate(coroutine), CORO_CLOSED)  # so that nothing warns
        self.assertEqual(self.coroutines.pending, 1)
        self.coroutines.cancel()

    def test_one_that_was_cancelled_before_it_began_is_closed(self) -> None:
        coroutine = self.never()
        future = self.coroutines.run(coroutine)
        self.coroutines.cancel()
        self.assertTrue(future.cancelled())
        self.assertEqual(getcoroutinestate(coroutine), CORO_CLOSED)
