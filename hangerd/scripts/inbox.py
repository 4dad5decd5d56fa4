"""Calls from threads to the reactor: many of them for one wake-up.

callFromThread writes a byte for each call, and with it lets go of the interpreter; here only the
first of those that wait does. And where the reactor itself hands work to a thread, none does: it
stands by until the thread has to let go of the interpreter, and then takes what has come.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.logger import Logger

from hangerd.scripts.bell import Bell

# Seconds that the reactor stands by for a thread to begin, and turns without it when none could:
# other threads are computing then, and it would wait for them all.
STAND_BY = 0.001
TURNS_WITHOUT = 100


class Inbox:
    """Has the interface of callFromThread; the calls keep their order."""

    _log = Logger()

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._lock = threading.Lock()
        self._calls: deque[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = deque()
        self._rung = False
        self._turns_without = 0

    def callFromThread(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Have `call` called on the reactor thread. Any thread."""
        with self._lock:
            self._calls.append((call, args, kwargs))
            ring, self._rung = not self._rung, True
        if ring:
            self._reactor.callFromThread(self._empty)

    def attend(self, bell: Bell, begun: threading.Lock) -> None:
        """Wake a thread, and stand by for it. The reactor thread.

        It releases `begun` once it runs, and does that for as long as it needs nothing but the
        interpreter, at most a switch interval.
        """
        if self._turns_without:
            self._turns_without -= 1
            bell.ring()
            return
        with self._lock:
            self._rung = True
        bell.ring()
        if not begun.acquire(timeout=STAND_BY):
            self._turns_without = TURNS_WITHOUT
        self._empty()

    def _empty(self) -> None:
        with self._lock:
            calls, self._calls, self._rung = self._calls, deque(), False
        for call, args, kwargs in calls:
            try:
                call(*args, **kwargs)
            except Exception:
                self._log.failure("a call from a thread failed")
