"""`atexit` as a script imports it: for the end of the script, not for that of the daemon.

Only the run's own modules see it. What libraries register is the process's: they do so once.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from hangerd.scripts.errors import ScriptEnded

Function = Callable[..., object]


class AtExit:
    """The functions of one run."""

    def __init__(self) -> None:
        self._calls: list[tuple[Function, tuple[Any, ...], dict[str, Any]]] = []

    def module(self) -> ModuleType:
        """Make the module that a script imports."""
        module = ModuleType("atexit", "Functions for the end of this script.")
        module.__dict__.update(register=self.register, unregister=self.unregister)
        return module

    def register(self, func: Function, /, *args: Any, **kwargs: Any) -> Function:
        """Have a function called at the end; the last comes first."""
        self._calls.append((func, args, kwargs))
        return func

    def unregister(self, func: Function, /) -> None:
        """Forget a function."""
        self._calls = [known for known in self._calls if known[0] != func]

    def call(self) -> None:
        """Call all; one that fails keeps no other from being called. Raises ScriptEnded."""
        while self._calls:
            func, args, kwargs = self._calls.pop()
            try:
                func(*args, **kwargs)
            except ScriptEnded:
                raise
            except BaseException:
                traceback.print_exc()
