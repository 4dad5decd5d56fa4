"""A module's public functions, by name."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from .call import Call
from .faults import CallError


class Functions:
    """What a module offers: `__all__`, or its own functions whose names do not start with `_`."""

    serial = False

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._listed: list[str] | None = getattr(module, "__all__", None)

    def names(self) -> list[str]:
        """Return what can be called now."""
        candidates = self._listed if self._listed is not None else vars(self._module)
        return [name for name in candidates if self._find(name) is not None]

    def _find(self, name: str) -> Callable[..., Any] | None:
        function = getattr(self._module, name, None)
        if not callable(function) or isinstance(function, type):
            return None
        if self._listed is not None:
            return function if name in self._listed else None
        own = getattr(function, "__module__", None) == self._module.__name__
        return function if own and not name.startswith("_") else None

    def work(self, name: str) -> Callable[[Call], Any]:
        """Return what a call of this name does. Raises CallError `no_function`."""
        function = self._find(name)
        if function is None:
            raise CallError(
                "no_function", f"{self._module.__name__} has no public function {name!r}."
            )
        return lambda call: call.user(function, *call.arguments.args, **call.arguments.kwargs)

    def stop(self) -> None:
        """Do nothing: a module has no exit hook of ours; `atexit` works."""
