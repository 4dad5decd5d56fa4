"""Extension modules (`.so`) of the document root: loaded once, shared by all runs of the process.

C code keeps state that cannot be had twice, and is never unloaded: so unlike a run's own modules
these keep their globals from run to run, and a new version of the file counts after a restart.
Where a `.py` file or an installed module has the same name, that one is imported.
"""

from __future__ import annotations

import os
import threading
from importlib.abc import Loader
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType


class Extensions:
    """The extension modules of one document root."""

    def __init__(self, root: str) -> None:
        self._inside = os.path.join(os.path.realpath(root), "")  # noqa: PTH118 - as paths are here
        self._lock = threading.RLock()
        self._loaded: dict[str, ModuleType] = {}

    def find(self, name: str, folder: str) -> ModuleSpec | None:
        """Return the spec of a module in `folder`; None for what lies outside of the root."""
        child = name.rpartition(".")[2]
        for suffix in EXTENSION_SUFFIXES:
            path = os.path.realpath(f"{folder}/{child}{suffix}")
            if path.startswith(self._inside) and os.path.isfile(path):  # noqa: PTH113
                return spec_from_file_location(name, path, loader=_SharedLoader(self, path))
        return None

    def load(self, name: str, path: str) -> ModuleType:
        """Return the module; load it at the first time. Raises ImportError, and what it raises."""
        with self._lock:
            if path not in self._loaded:
                loader = ExtensionFileLoader(name, path)
                spec = ModuleSpec(name, loader, origin=path)
                module = module_from_spec(spec)
                loader.exec_module(module)
                self._loaded[path] = module
            return self._loaded[path]


class _SharedLoader(Loader):
    """Hands out what is loaded already."""

    def __init__(self, extensions: Extensions, path: str) -> None:
        self._extensions = extensions
        self._path = path

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the process's module."""
        return self._extensions.load(spec.name, self._path)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: it was executed when it was loaded."""
