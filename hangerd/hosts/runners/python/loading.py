"""Loads what the spec names: a file or a module of the user's, as functions or as bgpy tasks."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from .call import Call
from .functions import Functions

if TYPE_CHECKING:
    from .tasks import End

TASK_MODULE = "bgpy.custom.tasks"
"""What bgpy calls a task file: relative imports of bgpy's own parts work under this name."""


class Target(Protocol):
    """What a host offers; `serial` says that only one call may run at a time."""

    serial: bool

    def names(self) -> list[str]:
        """Return the names of its functions."""

    def work(self, name: str) -> Callable[[Call], Any]:
        """Return what a call does. Raises CallError `no_function`."""

    def stop(self) -> None:
        """Run the exit hook."""


def load(settings: dict[str, Any], wait: Callable[[Any], Any], end: End) -> Target:
    """Import the user's code and initialize it. Raises whatever that raises."""
    path, name = settings.get("path"), settings.get("module")
    module = load_file(path) if path else _load_module(str(name))
    if not _has_tasks(module):
        return Functions(module)
    from .state import Checkpoint  # with pickle, 5 ms that only task files need
    from .tasks import Tasks

    checkpoint = settings.get("checkpoint")
    tasks = Tasks(module, Checkpoint(checkpoint) if checkpoint else None, wait, end)
    tasks.initialize()
    return tasks


def _has_tasks(module: ModuleType) -> bool:
    return all(callable(getattr(module, name, None)) for name in ("init_task", "exec_task"))


def _load_module(name: str) -> ModuleType:
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "bgpy":
            raise
    from . import standin

    standin.install()
    return importlib.import_module(name)


def load_file(path: str) -> ModuleType:
    """Import a file by its path; its folder is where its neighbours are found, as for a script."""
    sys.path.insert(0, os.path.dirname(path))
    with open(path, "rb") as file:
        source = file.read()
    is_tasks = b"init_task" in source and b"exec_task" in source
    if is_tasks:
        from . import standin

        standin.install()
    name = TASK_MODULE if is_tasks else os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file: its name must end in .py", path=path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
