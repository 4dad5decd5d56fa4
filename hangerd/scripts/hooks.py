"""`app` in `__globals__.py`: middleware around scripts and what is called at start and stop.

Each is called with keywords (`request`, `response`, `context`, ...), and may be a coroutine
function. Low priorities come first on the way in and last on the way out.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any, Literal

Hook = Callable[..., Any]
Tell = Callable[[str, str], None]  # level, message
Moment = Literal["request", "response", "worker_start", "worker_stop"]
_OUTWARD = ("response", "worker_stop")


class _ToDaemon(logging.Handler):
    """Hands records to the daemon's log."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one over. Any thread."""
        self._tell(record.levelname.lower(), self.format(record))


class App:
    """Keeps the hooks that `__globals__.py` asked for; `logger` writes into the daemon's log."""

    def __init__(self, tell: Tell) -> None:
        self.logger = logging.Logger("hangerd.app", logging.INFO)
        self.logger.addHandler(_ToDaemon(tell))
        self._hooks: dict[Moment, list[tuple[int, Hook]]] = {}

    def add_middleware(self, hook: Hook, moment: Moment = "request", priority: int = 999) -> None:
        """Call `hook` around each script. Raises ValueError for another moment."""
        if moment not in ("request", "response"):
            raise ValueError(f"{moment} is not one of the: request, response")
        self._add(hook, moment, priority)

    def on_request(self, hook: Hook) -> Hook:
        """Call `hook` before each script. A decorator."""
        return self._add(hook, "request")

    def on_response(self, hook: Hook) -> Hook:
        """Call `hook` before each first output. A decorator."""
        return self._add(hook, "response")

    def on_worker_start(self, hook: Hook) -> Hook:
        """Call `hook` when `__globals__.py` has been loaded. A decorator."""
        return self._add(hook, "worker_start")

    def on_worker_stop(self, hook: Hook) -> Hook:
        """Call `hook` when scripts are served no more. A decorator."""
        return self._add(hook, "worker_stop")

    def has(self, moment: Moment) -> bool:
        """Tell whether anything is to be called."""
        return bool(self._hooks.get(moment))

    async def call(self, moment: Moment, **facts: Any) -> None:
        """Call what was asked for, one after the other."""
        for _, hook in self._hooks.get(moment, ()):
            result = hook(**facts)
            if inspect.isawaitable(result):
                await result

    def _add(self, hook: Hook, moment: Moment, priority: int = 999) -> Hook:
        hooks = self._hooks.setdefault(moment, [])
        hooks.append((priority, hook))
        hooks.sort(key=lambda item: item[0], reverse=moment in _OUTWARD)
        return hook
