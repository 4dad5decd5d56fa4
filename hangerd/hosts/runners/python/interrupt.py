"""Ends a function that runs in a thread, by an exception raised there.

In the main thread a signal carries it, which also ends a sleep or a read; in other threads Python
raises it at the next bytecode, so a function that sits in C goes on until it returns.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

from .faults import CallCancelled

Result = TypeVar("Result")

SIGNAL = getattr(signal, "SIGRTMIN", signal.SIGURG) + (7 if hasattr(signal, "SIGRTMIN") else 0)
"""The signal that carries an interruption to the main thread; hardly any program uses it."""


class MainThread:
    """What runs in the main thread, and the signal that reaches it."""

    def __init__(self) -> None:
        self.current: Interruptible | None = None
        self.ident = threading.main_thread().ident

    def install(self) -> None:
        """Listen for the signal; called in the main thread, before the user's code is loaded."""
        signal.signal(SIGNAL, self._arrived)

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        if self.current is not None:
            self.current.strike()


class Interruptible:
    """One call's time in user code. `run` is the worker's, `interrupt` any other thread's.

    The lock makes "still in user code" and "raise there" one step; Python enters and leaves
    a `with lock` without a gap in which an exception from outside could leave it locked.
    """

    __slots__ = ("_asked", "_lock", "_main", "_raised", "_thread")

    def __init__(self, main: MainThread) -> None:
        self._main = main
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._asked = False
        self._raised = False

    def run(self, function: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Return what the function does; raise CallCancelled when interrupted before or in it."""
        try:
            self._enter()
            return function(*args, **kwargs)
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            if self._asked:
                raise CallCancelled
            self._thread = threading.get_ident()
            if self._thread == self._main.ident:
                self._main.current = self

    def _leave(self) -> None:
        with self._lock:
            thread, self._thread = self._thread, None
            if self._main.current is self:
                self._main.current = None
            elif thread is not None and self._raised:
                _raise_in(thread, None)  # not delivered yet, and its time is over

    def interrupt(self) -> None:
        """Raise CallCancelled in the function if it runs now, else when it is to run again."""
        with self._lock:
            if self._asked:
                return
            self._asked = True
            if self._thread is None:
                return
            if self._main.current is self:
                signal.pthread_kill(self._thread, SIGNAL)
            else:
                self._raised = True
                _raise_in(self._thread, CallCancelled)

    def strike(self) -> None:
        """Raise in the main thread, where the signal arrived, if this still runs."""
        if self._asked and not self._raised and self._thread is not None:
            self._raised = True
            raise CallCancelled


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Set or take back an exception in another thread; does nothing where ctypes is missing."""
    try:
        import ctypes
    except ImportError:
        return
    raised = ctypes.py_object() if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)
