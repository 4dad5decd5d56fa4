"""The process-wide seams, installed while scripts are served: everything else finds them unchanged.

Python keeps one sys.stdout, one sys.argv, one sys.modules for all threads. In a run these lead to
the run's own; outside every run, and after `remove`, they are what they were:

- `sys` gets a class whose properties look at the context, so that `sys.stdout = tee`, argparse and
  redirect_stdout are right per run. C code (the builtin print) reads the module's dict instead:
  there stand-ins lead to the same properties.
- `sys.modules["__main__"]` shows a run its own main module: C code (pickle) finds it by that name.
- Thread.start hands the run to the new thread, and makes it a daemon: it may not keep us alive.
- An excepthook that a run sets, in sys or threading, is called for its own failures.
- A meta path finder, import_module and pickle know the modules of the document root; getpass asks
  the visitor; logging and warnings are those of the run.
"""

from __future__ import annotations

import getpass
import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from hangerd.scripts.current import CURRENT
from hangerd.scripts.logs import route_logs
from hangerd.scripts.main_module import watch_forks
from hangerd.scripts.pickles import replace_pickle
from hangerd.scripts.stdio import RoutedInput, RoutedText, StandIn
from hangerd.scripts.threads import start_with_run, tell_failure

STREAMS = ("stdout", "stderr", "stdin")


class Routing:
    """Installs the seams and takes them away again."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self._watches = False
        self._outside: dict[str, Any] = {}
        self._straight: dict[str, Any] = {
            "stdout": RoutedText("stdout", False, lambda: self._outside["stdout"]),
            "stderr": RoutedText("stderr", True, lambda: self._outside["stderr"]),
            "stdin": RoutedInput(lambda: self._outside["stdin"]),
        }

    def install(self) -> None:
        """Put the seams in. Raises RuntimeError when another Routing already has."""
        if type(sys) is not ModuleType:
            raise RuntimeError("scripts are already served in this process")
        self._route_sys()
        self._route_main()
        sys.meta_path.insert(0, finder := _MetaFinder())
        self._undo.append(lambda: sys.meta_path.remove(finder))
        if not self._watches:
            self._watches = True
            watch_forks(CURRENT.get)
        self._replace(threading.Thread, "start", start_with_run(threading.Thread.start))
        self._replace(threading, "excepthook", tell_failure(threading.excepthook))
        hook = {"excepthook": _own_in_runs(threading, "excepthook")}
        self._replace(threading, "__class__", type("module", (ModuleType,), hook))
        self._replace(getpass, "getpass", _ask_password(getpass.getpass))
        replace_pickle(self._replace)
        route_logs(self._replace)
        self._replace(importlib, "import_module", _import_module(importlib.import_module))

    def remove(self) -> None:
        """Take the seams out, in the opposite order."""
        while self._undo:
            self._undo.pop()()

    def _replace(self, owner: Any, name: str, new: Any) -> None:
        old = getattr(owner, name)
        setattr(owner, name, new)
        self._undo.append(lambda: setattr(owner, name, old))

    def _route_sys(self) -> None:
        self._outside.update(
            {name: getattr(sys, name) for name in (*STREAMS, "argv", "excepthook")}
        )
        properties: dict[str, Any] = {name: self._stream(name) for name in STREAMS}
        properties["excepthook"] = _own_in_runs(sys, "excepthook")
        properties["argv"] = property(self._get_argv, self._set_argv)
        properties["modules"] = property(_get_modules)
        sys.__class__ = type("module", (ModuleType,), properties)
        for name in STREAMS:
            sys.__dict__[name] = StandIn(_getter(name))
        self._undo.append(self._restore_sys)

    def _restore_sys(self) -> None:
        sys.__class__ = ModuleType
        sys.__dict__.update(self._outside)

    def _stream(self, name: str) -> property:
        outside, straight = self._outside, self._straight[name]

        def get(_: ModuleType) -> Any:
            run = CURRENT.get()
            return outside[name] if run is None else run.streams.get(name, straight)

        def put(_: ModuleType, stream: Any) -> None:
            run = CURRENT.get()
            if run is None:
                outside[name] = stream
            else:
                run.streams[name] = stream

        return property(get, put)

    def _get_argv(self, _: ModuleType) -> list[str]:
        run = CURRENT.get()
        found: list[str] = self._outside["argv"] if run is None else run.argv
        return found

    def _set_argv(self, _: ModuleType, argv: list[str]) -> None:
        run = CURRENT.get()
        if run is None:
            self._outside["argv"] = argv
        else:
            run.argv = argv

    def _route_main(self) -> None:
        modules: dict[str, ModuleType] = sys.__dict__["modules"]
        main = modules["__main__"]
        modules["__main__"] = _MainModule(main)

        def undo() -> None:
            modules["__main__"] = main

        self._undo.append(undo)


class _MainModule(ModuleType):
    """`__main__` as C code finds it: the run's, or the daemon's own."""

    def __init__(self, outside: ModuleType) -> None:
        super().__init__("__main__")
        object.__setattr__(self, "_outside", outside)

    def __getattribute__(self, name: str) -> Any:
        run = CURRENT.get()
        main = object.__getattribute__(self, "_outside") if run is None else run.modules["__main__"]
        return getattr(main, name)

    def __setattr__(self, name: str, value: Any) -> None:
        run = CURRENT.get()
        main = object.__getattribute__(self, "_outside") if run is None else run.modules["__main__"]
        setattr(main, name, value)


class _MetaFinder(MetaPathFinder):
    """Lets importlib.reload, find_spec and what C code imports see the run's modules."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        run = CURRENT.get()
        return None if run is None else run.find_spec(fullname, path)


def _get_modules(module: ModuleType) -> Any:
    run = CURRENT.get()
    return module.__dict__["modules"] if run is None else run.modules


def _own_in_runs(module: ModuleType, name: str) -> property:
    """Make a name of a module each run's own, once a run has set it: it is among its `streams`."""
    key = f"{module.__name__}.{name}"

    def get(_: ModuleType) -> Any:
        run = CURRENT.get()
        outside = module.__dict__[name]
        return outside if run is None else run.streams.get(key, outside)

    def put(_: ModuleType, value: Any) -> None:
        run = CURRENT.get()
        if run is None:
            module.__dict__[name] = value
        else:
            run.streams[key] = value

    return property(get, put)


def _getter(name: str) -> Callable[[], Any]:
    return lambda: getattr(sys, name)


def _ask_password(ask: Callable[..., str]) -> Callable[..., str]:
    def ask_password(prompt: str = "Password: ", stream: Any = None) -> str:
        run = CURRENT.get()
        return ask(prompt, stream) if run is None else run.ask(prompt, password=True)

    return ask_password


def _import_module(import_module: Callable[..., ModuleType]) -> Callable[..., ModuleType]:
    def import_for_run(name: str, package: str | None = None) -> ModuleType:
        run = CURRENT.get()
        if run is None:
            return import_module(name, package)
        absolute = importlib.util.resolve_name(name, package) if name.startswith(".") else name
        found = run.import_module(absolute)
        return import_module(name, package) if found is None else found

    return import_for_run
