"""Where a run's threads wait, and where they learn that the run is over.

Everything a script waits for (room for its output, an answer, a coroutine) is waited for here, so
that one call wakes it. An end is raised once in the script's own thread - `finally` blocks may
print again - and at every output in threads that the script started.

An exception is injected into a thread between any two steps of Python code. So the lock is a plain
one, and only ever held by `with`: that takes and gives it back in C. threading.Condition could be
interrupted between taking its lock and saying so, and the reactor would wait for it for ever.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable

from hangerd.scripts.errors import ClientDisconnected, ScriptEnded

Inject = Callable[[int, type[BaseException]], None]


def inject_exception(thread: int, error: type[BaseException]) -> None:
    """Raise `error` in a thread at its next step in Python.

    The call could take a pending exception back, too; but then the interpreter looks for it at
    every step for ever after, and all threads are slow.
    """
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


# A jump backwards is where the interpreter looks for injected exceptions.
_STEPS = range(2)


class Gate:
    """The end of one run, waited for and raised."""

    def __init__(self, inject: Inject = inject_exception) -> None:
        self.lock = threading.Lock()
        self.ended: type[ScriptEnded] | None = None
        self.disconnected = False
        self.ignoring_disconnect = False
        self.is_child = False  # of a fork: there is no reactor, and no other thread
        self._inject = inject
        self._waiters: list[threading.Lock] = []
        self._thread: int | None = None  # the script's own, while it runs
        self._waiting = False  # the script's own thread, in wait()
        self._raised: tuple[type[ScriptEnded], ...] = ()  # in the script's own thread

    @property
    def over(self) -> bool:
        """Whether the run is to end. Needs no lock."""
        return self.ended is not None or (self.disconnected and not self.ignoring_disconnect)

    @property
    def unheard(self) -> type[ScriptEnded] | None:
        """What ended the run after its own thread was done; to be asked when `leave` has returned.

        The script's coroutines were ended by it, so it is how the run ended.
        """
        return None if self.ended in self._raised else self.ended

    def enter(self) -> None:
        """Say that this thread is the script's own. Raises if the run has ended before."""
        with self.lock:
            self._thread = threading.get_ident()
            self.check()

    def leave(self) -> None:
        """Say that the script's own thread is done: from now on nothing is raised into it."""
        while True:
            try:
                with self.lock:
                    self._thread = None
                for _ in _STEPS:  # what was under way is raised here at the latest
                    pass
            except ScriptEnded:
                self._raised = ()  # too late for the script to hear of it
                continue
            return

    def check(self) -> None:
        """Raise what ended the run. The caller holds the lock."""
        if not self.over:
            return
        error = self.ended or ClientDisconnected
        if threading.get_ident() == self._thread:
            if error in self._raised:
                return
            self._raised += (error,)
        raise error

    def wait(self, ready: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait without the lock until `ready()`, which is asked under it; at most `timeout` s.

        Return what it said last. Raises what ended the run meanwhile; RuntimeError in a forked
        child, where nobody would bring it.
        """
        own = threading.get_ident() == self._thread
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            with self.lock:
                left = -1.0 if until is None else until - time.monotonic()
                if ready() or self.over or (until is not None and left <= 0):
                    self._waiting = self._waiting and not own
                    self.check()
                    return ready()
                if self.is_child:
                    raise RuntimeError("a forked child has no daemon to wait for")
                self._waiting = self._waiting or own
                self._waiters.append(waiter := threading.Lock())
                waiter.acquire()
            waiter.acquire(timeout=left)

    def notify(self) -> None:
        """Let everything that waits look again. The caller holds the lock."""
        for waiter in self._waiters:
            waiter.release()
        self._waiters.clear()

    def end(self, error: type[ScriptEnded]) -> None:
        """End the run: wake what waits, and raise `error` where Python code runs."""
        with self.lock:
            self.end_locked(error)

    def end_locked(self, error: type[ScriptEnded]) -> None:
        """Do as `end`, for a caller that holds the lock."""
        if self.ended is not None:
            return
        self.ended = error
        if self._thread is not None and not self._waiting and error not in self._raised:
            self._raised += (error,)
            self._inject(self._thread, error)
        self.notify()

    def disconnect(self) -> None:
        """Say that the visitor left: the next output raises ClientDisconnected."""
        with self.lock:
            self.disconnected = True
            self.notify()

    def begin_child(self) -> None:
        """Be the gate in a forked child: what it prints is lost, and nothing waits for anybody.

        The lock is a new one: the thread that held it is not in the child.
        """
        self.lock = threading.Lock()
        self._waiters = []
        self.is_child = self.disconnected = self.ignoring_disconnect = True
