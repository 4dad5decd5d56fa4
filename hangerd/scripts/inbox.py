"""Calls from threads to the reactor: many of them for one wake-up.

callFromThread writes a byte for each call, and with it lets go of the interpreter; here only the
first of those that wait does.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.logger import Logger


class Inbox:
    """Has the interface of callFromThread; the calls keep their order."""

    _log = Logger()

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._lock = threading.Lock()
        self._calls: deque[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = deque()
        self._rung = False

    def callFromThread(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Have `call` called on the reactor thread. Any thread."""
        with self._lock:
            self._calls.append((call, args, kwargs))
            ring, self._rung = not self._rung, True
        if ring:
            self._reactor.callFromThread(self._empty)

    def _empty(self) -> None:
        with self._lock:
            calls, self._calls, self._rung = self._calls, deque(), False
        for call, args, kwargs in calls:
            try:
                call(*args, **kwargs)
            except Exception:
                self._log.failure("a call from a thread failed")
