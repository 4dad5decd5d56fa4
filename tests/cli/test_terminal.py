"""Tests of `hangerd.cli.terminal`: a run is followed to its end, whatever the keyboard does."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as Flag
from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from hangerd.cli.keyboard import Keyboard, QuestionOver
from hangerd.cli.status import looks
from hangerd.cli.terminal import Terminal
from hangerd.client import ConnectionLost, Ended, Event, Unreachable
from tests.cli.fakes import ASKED, FakeClient, FakeRun


class FakeKeyboard:
    """Says what it is told to, by an exception too."""

    def __init__(self, *says: str | BaseException) -> None:
        self.says = list(says)
        self.asked = Flag()
        self.cancelled = False

    def ask(self, prompt: str, *, hidden: bool) -> str:
        self.asked.set()
        said = self.says.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said

    def cancel(self) -> None:
        self.cancelled = True


class HeldRun(FakeRun):
    """Ends when it is stopped."""

    def __init__(self, status: int) -> None:
        super().__init__(Flag(), Ended(status, "The script was stopped."))
        self.over = Flag()

    def __iter__(self) -> Any:
        self.over.wait(20)
        return super().__iter__()

    def stop(self) -> None:
        super().stop()
        self.over.set()


class TerminalTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.client = FakeClient()
        self.shown: list[Event] = []

    def terminal(self, run: FakeRun, keyboard: FakeKeyboard) -> Terminal:
        client: Any = self.client
        return Terminal(client, cast(Any, run), cast(Keyboard, keyboard), self.shown.append)

    def follow(self, run: FakeRun, keyboard: FakeKeyboard) -> int:
        return self.terminal(run, keyboard).follow()

    def test_interrupting_a_question_is_told_to_the_script(self) -> None:
        keyboard = FakeKeyboard(KeyboardInterrupt())
        run = FakeRun(self.client.answered, ASKED, Ended(7))
        self.assertEqual(self.follow(run, keyboard), 7)
        self.assertEqual(self.client.asked, [("close", "w", "interrupt")])
        self.assertEqual(run.stopped, 0)

    def test_a_question_whose_run_is_over(self) -> None:
        keyboard = FakeKeyboard(QuestionOver())
        run = FakeRun(keyboard.asked, ASKED, Ended(1))
        self.assertEqual(self.follow(run, keyboard), 1)
        self.assertEqual((self.client.asked, keyboard.cancelled), ([], True))

    def test_a_run_that_is_lost(self) -> None:
        class Lost(FakeRun):
            def __iter__(self) -> Any:
                raise ConnectionLost("gone")

        self.assertRaises(ConnectionLost, self.follow, Lost(Flag()), FakeKeyboard())

    def test_ctrl_c_stops_a_run_that_asks_nothing(self) -> None:
        for status, expected in ((1, 130), (0, 0)):
            run = HeldRun(status)
            self.assertEqual(self.follow_interrupted(run), expected)
            self.assertEqual(run.stopped, 1)

    def test_a_second_ctrl_c_gives_up(self) -> None:
        class Stubborn(HeldRun):
            def stop(self) -> None:
                self.stopped += 1
                raise KeyboardInterrupt

        run = Stubborn(1)
        self.assertRaises(KeyboardInterrupt, self.follow_interrupted, run)
        run.over.set()

    def follow_interrupted(self, run: FakeRun) -> int:
        terminal = self.terminal(run, FakeKeyboard())
        questions: Any = InterruptedOnce(terminal._questions.get, terminal._questions.put)
        terminal._questions = questions
        return terminal.follow()


class InterruptedOnce:
    """A queue whose first wait is interrupted."""

    def __init__(self, get: Callable[[], Any], put: Callable[[Any], None]) -> None:
        self._get, self.put, self._interrupted = get, put, False

    def get(self) -> Any:
        if not self._interrupted:
            self._interrupted = True
            raise KeyboardInterrupt
        return self._get()


class WatchTests(SynchronousTestCase):
    def test_a_daemon_that_goes_away_and_comes_back(self) -> None:
        told: list[Any] = [{"ready": 1}, Unreachable("gone"), ConnectionLost("cut"), {"ready": 0}]
        slept: list[float] = []

        def look() -> dict[str, Any]:
            found = told.pop(0)
            if isinstance(found, Exception):
                raise found
            return cast(dict[str, Any], found)

        seen = looks(look, 2.0, slept.append)
        self.assertEqual(
            [next(seen) for _ in range(3)], [{"ready": 1}, {"error": "gone."}, {"ready": 0}]
        )
        self.assertEqual(slept, [2.0] * 3)
