"""Answers from whoever sits at the terminal, or from what is piped in."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType


class QuestionOver(Exception):
    """Nobody waits for the answer any more."""


class Keyboard:
    """Asks in the main thread; another one may cancel, for good, while it asks.

    A signal wakes the main thread from its wait for a key: SIGUSR1, from inside a `with`. With
    `silent` no prompt is printed.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._asking = False
        self._cancelled = False

    def ask(self, prompt: str, *, hidden: bool) -> str:
        """Return a line, without its end; `hidden` is shown nowhere.

        Raises EOFError, KeyboardInterrupt, QuestionOver.
        """
        try:
            self._asking = True
            if self._cancelled:
                raise QuestionOver
            return self._read("" if self._silent else prompt, hidden=hidden)
        finally:
            self._asking = False

    def _read(self, prompt: str, *, hidden: bool) -> str:
        if not sys.stdin.isatty():
            sys.stdout.write(prompt)
            sys.stdout.flush()
            line = sys.stdin.readline()
            if not line:
                raise EOFError
            return line.removesuffix("\n")
        if hidden:
            from getpass import getpass

            return getpass(prompt)
        import readline  # noqa: F401 - for what it does to input()

        return input(prompt)

    def cancel(self) -> None:
        """Let the question that is asked, and all further ones, be over."""
        self._cancelled = True
        if self._asking:
            main = threading.main_thread().ident
            assert main is not None  # noqa: S101 - it runs
            signal.pthread_kill(main, signal.SIGUSR1)

    def __enter__(self) -> Keyboard:
        self._before = signal.signal(signal.SIGUSR1, self._wake)
        return self

    def _wake(self, number: int, frame: FrameType | None) -> None:
        if self._asking:
            raise QuestionOver

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN if self._before is None else self._before)
