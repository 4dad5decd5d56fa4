"""Finds modules among the folders of a run, with real specs and loaders, and code from the cache.

No `__pycache__` is written, and no directory is remembered: a file that appeared is found, one
that changed is read again. Each `exec_module` fills a namespace of its own.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from hangerd.scripts.extensions import Extensions
from hangerd.scripts.sources import Source, Sources

Prepare = Callable[[ModuleType], None]


class RunLoader(SourceFileLoader):
    """Executes one file of the document root for one run; `found` is the file as it was found."""

    def __init__(
        self, name: str, path: str, found: Source | None, sources: Sources, prepare: Prepare
    ) -> None:
        self.name = name  # all that the class above does; this is done for each import
        self.path = path
        self._found = found
        self._sources = sources
        self._prepare = prepare

    def get_code(self, fullname: str) -> CodeType:
        """Return the module's code. Raises OSError, SyntaxError, ValueError."""
        return self._sources.get(self.get_filename(fullname)).code()

    def module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module to be executed, as `importlib.util.module_from_spec` would.

        That works out for each where its `__pycache__` would be; there is none, nor `__cached__`.
        """
        module = ModuleType(spec.name)
        names = module.__dict__
        names.update(__loader__=self, __package__=spec.parent, __spec__=spec, __file__=spec.origin)
        if spec.submodule_search_locations is not None:
            names["__path__"] = spec.submodule_search_locations
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module what every script's module has, and run it."""
        found, self._found = self._found, None
        code = self.get_code(module.__name__) if found is None else found.code()
        self._prepare(module)
        exec(code, module.__dict__)  # noqa: S102 - to run scripts is what this is for


class Finder:
    """Looks through folders in order, as `python script.py` looks through the script's folder."""

    def __init__(self, sources: Sources, extensions: Extensions, prepare: Prepare) -> None:
        self._sources = sources
        self._extensions = extensions
        self._prepare = prepare

    def find(self, name: str, folders: Iterable[str]) -> ModuleSpec | None:
        """Return the spec of a module, a package or a namespace package, or None.

        Raises nothing for folders that are missing or unreadable: there is nothing in them.
        """
        child = name.rpartition(".")[2]
        portions = []
        for folder in folders:
            base = f"{folder}/{child}"
            is_folder = _is_folder(base)
            if is_folder and (spec := self._spec(name, f"{base}/__init__.py", [base])):
                return spec
            if spec := self._spec(name, f"{base}.py", None):
                return spec
            if is_folder:
                portions.append(base)
        if "." in name and (extension := self.find_extension(name, folders)):
            return extension
        return self._namespace(name, portions) if portions else None

    def find_extension(self, name: str, folders: Iterable[str]) -> ModuleSpec | None:
        """Return the spec of an extension module, or None.

        `find` does not look for one that is in no package: nearly all of these names are those of
        installed modules, and each look costs.
        """
        found = (self._extensions.find(name, folder) for folder in folders)
        return next((spec for spec in found if spec), None)

    def _spec(self, name: str, path: str, locations: list[str] | None) -> ModuleSpec | None:
        """Return the spec of the file at `path`, None when there is none."""
        try:
            state = os.stat(path)  # noqa: PTH116 - hot path
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(state.st_mode):
            return None
        found: Source | None = None
        with suppress(OSError, ValueError):  # whoever loads it hears of it
            found = self._sources.get(path, state)
        loader = RunLoader(name, path, found, self._sources, self._prepare)
        spec = ModuleSpec(name, loader, origin=path, is_package=locations is not None)
        spec.has_location = True
        spec.submodule_search_locations = locations
        return spec

    def _namespace(self, name: str, portions: list[str]) -> ModuleSpec | None:
        if "." not in name and (found := PathFinder.find_spec(name)) and found.loader:
            return None  # a folder without __init__ hides no installed package
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = portions
        return spec


def _is_folder(path: str) -> bool:
    """Whether there is a folder; mostly there is nothing, which is told soonest by access()."""
    try:
        return os.access(path, os.F_OK) and os.path.isdir(path)  # noqa: PTH112 - hot path
    except ValueError:  # no name that a file can have
        return False
