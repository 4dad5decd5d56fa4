"""The import system of one run: modules of the document root are the run's own, all others shared.

What `import` does is what Python's reference says and importlib does; only where modules are kept
differs. `importlib._bootstrap` cannot be used for it: its locks go by name for the whole process,
so that one run's slow import would hold up another's. What isn't found in the run's folders goes
to the import system of the process, which never sees these folders.
"""

from __future__ import annotations

import builtins
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import lru_cache
from importlib.machinery import FrozenImporter, ModuleSpec, PathFinder
from importlib.util import module_from_spec, resolve_name
from types import ModuleType
from typing import Any

from hangerd.scripts.finder import Finder, RunLoader

Virtual = Callable[[str, Mapping[str, Any], Sequence[str]], ModuleType | None]


class RunModules(MutableMapping[str, ModuleType]):
    """`sys.modules` as a run sees it: its own modules, then the process's."""

    def __init__(self, own: dict[str, ModuleType]) -> None:
        self._own = own
        self._shared: dict[str, ModuleType] = sys.__dict__["modules"]

    def __getitem__(self, name: str) -> ModuleType:
        return self._own[name] if name in self._own else self._shared[name]

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._shared

    def __setitem__(self, name: str, module: ModuleType) -> None:
        self._of(name, module)[name] = module

    def __delitem__(self, name: str) -> None:
        del (self._own if name in self._own else self._shared)[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._shared, **self._own})

    def __len__(self) -> int:
        return len({**self._shared, **self._own})

    def copy(self) -> dict[str, ModuleType]:
        """Return a plain dict, as dict.copy does."""
        return {**self._shared, **self._own}

    def _of(self, name: str, module: ModuleType) -> dict[str, ModuleType]:
        spec = getattr(module, "__spec__", None)
        loader = getattr(spec, "loader", None)
        if name in self._own or isinstance(loader, RunLoader):
            return self._own
        return self._own if spec is None and name not in self._shared else self._shared


class Importer:
    """`__import__` and `import_module` for the code of one run."""

    def __init__(
        self,
        folders: Sequence[str],
        finder: Finder,
        virtual: Virtual,
        own: dict[str, ModuleType],
    ) -> None:
        self.own = own
        self.modules = RunModules(self.own)
        self._folders = folders
        self._finder = finder
        self._virtual = virtual
        self._found: dict[str, ModuleSpec] = {}  # looked for, and about to be loaded
        self._foreign: set[str] = set()  # names that the process's import system has resolved
        self._locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)

    def import_(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Do what `builtins.__import__` does. Raises ImportError and whatever a module raises."""
        package = _package(globals or {}) if level else ""
        if (not level and name in self._foreign) or (level and not package):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        absolute = resolve_name("." * level + name, package) if level else name
        if (found := self._virtual(absolute, globals or {}, fromlist or ())) is not None:
            return found
        if not self._is_own(absolute.partition(".")[0], loads=True):
            try:
                module = builtins.__import__(name, globals, locals, fromlist or (), level)
            except ModuleNotFoundError as error:
                if error.name != name or (extension := self._extension(name)) is None:
                    raise
                return extension
            self._foreign.add(name)
            return module
        module = self.load(absolute)
        if fromlist:
            self._load_children(module, fromlist)
            return module
        return self.own[absolute[: len(absolute) - len(name)] + name.partition(".")[0]]

    def import_module(self, name: str) -> ModuleType | None:
        """Do what `importlib.import_module` does; None when the module is not the run's."""
        if (found := self._virtual(name, {}, ("*",))) is not None:
            return found
        if self._is_own(name.partition(".")[0], loads=True):
            return self.load(name)
        return None if name in self.modules or PathFinder.find_spec(name) else self._extension(name)

    def find_spec(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """Find a module of the run for importlib's own functions: reload, find_spec."""
        if path is None:
            return self._finder.find(name, self._folders) if self._is_own(name) else None
        return self._finder.find(name, path) if self._is_own(name.partition(".")[0]) else None

    def load(self, name: str) -> ModuleType:
        """Return one of the run's own modules, executed at the first time."""
        if name in self.own and not _initializing(self.own[name]):
            return self._known(name)
        parent, _, child = name.rpartition(".")
        folders: Iterable[str] = self._folders
        if parent:
            folders = self._path_of(parent, name)
        with self._locks[name]:
            if name in self.own:
                return self._known(name)
            spec = self._found.pop(name, None) or self._finder.find(name, folders)
            if spec is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            module = self._execute(spec)
        if parent in self.own:
            setattr(self.own[parent], child, module)
        return module

    def _extension(self, name: str) -> ModuleType | None:
        spec = self._finder.find_extension(name, self._folders) if "." not in name else None
        return self._execute(spec) if spec else None

    def _is_own(self, top: str, *, loads: bool = False) -> bool:
        """Whether a name is one of ours; with `loads` it is loaded next, as it was found."""
        if top in self.own:
            return True
        if _in_interpreter(top):
            return False
        spec = self._finder.find(top, self._folders)
        if spec is not None and loads:
            self._found[top] = spec
        return spec is not None

    def _known(self, name: str) -> ModuleType:
        module = self.own[name]
        if module is None:
            raise ModuleNotFoundError(f"import of {name} halted; None in sys.modules", name=name)
        parent, _, child = name.rpartition(".")
        if parent in self.own and _initializing(module):
            # Amid a circle `from package import module` reads the attribute; there is no other
            # place where it would look for one of ours.
            setattr(self.own[parent], child, module)
        return module

    def _path_of(self, parent: str, name: str) -> Iterable[str]:
        module = self.load(parent)
        try:
            path: Iterable[str] = module.__path__
        except AttributeError:
            message = f"No module named {name!r}; {parent!r} is not a package"
            raise ModuleNotFoundError(message, name=name) from None
        return path

    def _execute(self, spec: ModuleSpec) -> ModuleType:
        loader = spec.loader
        module = loader.module(spec) if type(loader) is RunLoader else module_from_spec(spec)
        self.own[spec.name] = module
        spec._initializing = True  # type: ignore[attr-defined] # for the messages of circles
        try:
            if loader is not None:
                loader.exec_module(module)
        except BaseException:
            self.own.pop(spec.name, None)
            raise
        finally:
            spec._initializing = False  # type: ignore[attr-defined]
        return self.own[spec.name]

    def _load_children(self, module: ModuleType, names: Sequence[str]) -> None:
        if not hasattr(module, "__path__"):
            return
        for child in names:
            if child == "*":
                self._load_children(module, [n for n in getattr(module, "__all__", ()) if n != "*"])
            elif not hasattr(module, child):
                self._load_child(f"{module.__name__}.{child}")

    def _load_child(self, name: str) -> None:
        try:
            self.load(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise


@lru_cache(maxsize=1024)
def _in_interpreter(top: str) -> bool:
    """Whether a module is part of the interpreter: what comes before all folders."""
    return top in sys.builtin_module_names or FrozenImporter.find_spec(top) is not None


def _package(globals_: Mapping[str, Any]) -> str:
    package = globals_.get("__package__")
    spec = globals_.get("__spec__")
    if package is None and spec is not None:
        package = spec.parent
    if package is None and "__path__" in globals_:
        package = globals_["__name__"]
    return package or ""


def _initializing(module: ModuleType | None) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))
