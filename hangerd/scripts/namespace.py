"""What the modules of a run find in their globals and builtins, as httpout's scripts expect it."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any


class Namespace:
    """Prepares the modules of one run."""

    def __init__(self, injected: Mapping[str, Any], overrides: Mapping[str, Any]) -> None:
        self._injected = injected
        self._module = ModuleType("builtins")
        self._builtins = self._module.__dict__
        self._builtins.clear()  # into an empty dict another is copied as a whole
        self._builtins.update(builtins.__dict__)
        self._builtins.update(overrides)

    def override(self, **builtins_: Any) -> None:
        """Change builtins for the modules that are prepared from now on."""
        self._builtins.update(builtins_)

    def prepare(self, module: ModuleType) -> None:
        """Give a module its own view of the builtins, and the names that need no import."""
        module.__dict__["__builtins__"] = self._builtins
        module.__dict__.update(self._injected)

    def main(self, path: str) -> ModuleType:
        """Return a fresh `__main__` for the script at `path`."""
        module = ModuleType("__main__")
        self.prepare(module)
        module.__dict__.update(__file__=path, __main__=module, __builtins__=self._module)
        return module


def overrides(
    ask: Callable[[str], str], import_: Callable[..., ModuleType], shared: ModuleType
) -> dict[str, Any]:
    """Return the builtins that differ in a run."""
    return {
        "input": ask,
        "__import__": import_,
        "__globals__": shared,
        "exit": sys.exit,
        "quit": sys.exit,
    }
