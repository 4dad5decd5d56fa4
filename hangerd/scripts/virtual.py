"""The modules `hangerd` and `httpout` as a script imports them: its own request, response, print.

Outside of scripts `hangerd` stays the package that it is; a script reaches the package's own
modules (`hangerd.client`) through the same name. What httpout does is kept: `import httpout` is
the importing module itself, `from httpout import name` prefers a name that the module already has.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from hangerd.scripts import exceptions

NAMES = ("hangerd", "httpout")


class VirtualModules:
    """Answers the imports of one run's virtual modules."""

    def __init__(
        self, names: Callable[[], Mapping[str, Any]], own: Mapping[str, ModuleType]
    ) -> None:
        self._make_names = names
        self._made: Mapping[str, Any] | None = None
        self._own = own
        self._hangerd: ModuleType | None = None

    def __call__(
        self, name: str, globals_: Mapping[str, Any], fromlist: Sequence[str]
    ) -> ModuleType | None:
        """Return the module to bind or to take names from; None for any other module."""
        if not name.startswith(NAMES):
            return None
        top, _, child = name.partition(".")
        if top not in NAMES:
            return None
        if child == "exceptions" and fromlist:
            return exceptions
        if top == "httpout":
            return self._httpout(child, globals_, fromlist)
        package = self._package()
        if child == "exceptions":
            package.__dict__["exceptions"] = exceptions
        elif child:
            module: ModuleType = builtins.__import__(name, {}, {}, ("*",), 0)
            package.__dict__[child.partition(".")[0]] = sys.__dict__["modules"][
                f"hangerd.{child.partition('.')[0]}"
            ]
            return module if fromlist else package
        return package

    @property
    def _names(self) -> Mapping[str, Any]:
        if self._made is None:
            self._made = self._make_names()
        return self._made

    def _package(self) -> ModuleType:
        if self._hangerd is None:
            self._hangerd = _module("hangerd", self._names)
            self._hangerd.__dict__["__getattr__"] = _from_package
        return self._hangerd

    def _httpout(
        self, child: str, globals_: Mapping[str, Any], fromlist: Sequence[str]
    ) -> ModuleType:
        module = self._own.get(globals_.get("__name__", ""))
        if fromlist and not child:
            known = {name: globals_[name] for name in fromlist if name in globals_}
            return _module("httpout", {**self._names, **known})
        if module is None or (child and child != "exceptions" and child not in globals_):
            message = f"No module named {f'httpout.{child}'!r}"
            raise ModuleNotFoundError(message, name=f"httpout.{child}")
        if child == "exceptions":
            module.__dict__.setdefault("exceptions", exceptions)
        for name in ("request", "response", "websocket", "context"):
            module.__dict__.setdefault(name, self._names[name])
        return module


def _module(name: str, names: Mapping[str, Any]) -> ModuleType:
    module = ModuleType(name, "What hangerd gives to a script.")
    module.__dict__.update(names)
    module.__dict__["__all__"] = list(names)
    return module


def _from_package(name: str) -> Any:
    """Look up what the script's module lacks in the real package."""
    if not name.startswith("__"):
        package: ModuleType = builtins.__import__("hangerd", {}, {}, (name,), 0)
        if hasattr(package, name):
            return getattr(package, name)
    raise AttributeError(f"module 'hangerd' has no attribute {name!r}")
