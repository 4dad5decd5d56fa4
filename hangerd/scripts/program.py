"""The code of one run: its `__main__`, what modules find without an import, and the importer."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from sys import getrefcount
from types import ModuleType
from typing import Any

from hangerd.scripts.at_exit import AtExit
from hangerd.scripts.finder import Finder
from hangerd.scripts.importer import Importer
from hangerd.scripts.namespace import Namespace, overrides
from hangerd.scripts.surroundings import Shared
from hangerd.scripts.virtual import VirtualModules
from hangerd.scripts.visit import Visit


class Program:
    """What a script is while it runs.

    `environ` is its `__server__`; `given` are further names that each of its modules has, `ask` is
    its `input`, and `names` gives what it may import from hangerd.
    """

    def __init__(
        self,
        visit: Visit,
        shared: Shared,
        environ: dict[str, Any],
        given: Mapping[str, Any],
        ask: Callable[[str], str],
        names: Callable[[], dict[str, Any]],
    ) -> None:
        self._script = visit.script
        self._root = visit.document_root
        self._shared = shared
        self._names = names
        self._lock = threading.Lock()
        self._made_importer: Importer | None = None
        self._at_exit: AtExit | None = None
        self._own: dict[str, ModuleType] = {}
        environ["modules"] = self._own
        self._given = {"__server__": environ, **given}
        self._kept = self._make_main(environ, ask)
        self._counts: list[int] = []

    @property
    def main(self) -> ModuleType:
        """Its `__main__`."""
        return self._own["__main__"]

    @property
    def given(self) -> Mapping[str, Any]:
        """The names that each of its modules has without an import."""
        return self._given

    @property
    def importer(self) -> Importer:
        """The run's importer, made at its first import: many short scripts have none."""
        if self._made_importer is None:
            with self._lock:  # any thread may be the first
                self._made_importer = self._made_importer or self._make_importer()
        return self._made_importer

    def begin(self) -> None:
        """See who knows the program, for `let_go`; to be called before anybody else does."""
        self._counts = self._count()

    def end(self) -> None:
        """Call what the script registered for its end."""
        if self._at_exit is not None:
            self._at_exit.call()

    def let_go(self) -> bool:
        """Take `__main__` apart, if nobody can miss it; say whether that is so.

        Modules and run know each other, and a run's end would leave the whole circle to the garbage
        collector, which took a tenth of the time of short scripts. Where as many references lead to
        the modules as before the script ran, it has kept none: no function, no traceback.
        """
        if self._made_importer is not None or self._count() != self._counts:
            return False
        self.main.__dict__.clear()
        del self._kept, self._namespace
        return True

    def _make_main(self, environ: dict[str, Any], ask: Callable[[str], str]) -> tuple[object, ...]:
        """Make `__main__`, and give all by which it can be reached."""
        import_, shared = self._import, self._shared.globals.module
        self._namespace = Namespace(self._given, overrides(ask, import_, shared))
        main = self._namespace.main(self._script)
        self._own["__main__"] = self._given["__main__"] = main
        self._own["__globals__"] = shared
        return main, main.__dict__, self._own, environ, import_

    def _count(self) -> list[int]:
        return list(map(getrefcount, self._kept))

    def _import(self, *named: Any, **more: Any) -> ModuleType:
        """See `Importer.import_`."""
        return (self._made_importer or self.importer).import_(*named, **more)

    def _make_importer(self) -> Importer:
        self._at_exit = AtExit()
        self._own["atexit"] = self._at_exit.module()
        finder = Finder(self._shared.sources, self._shared.extensions, self._namespace.prepare)
        folder = os.path.dirname(self._script)  # noqa: PTH120 - hot path
        folders = tuple(dict.fromkeys((folder, self._root)))
        return Importer(folders, finder, VirtualModules(self._names, self._own), self._own)
