"""`__globals__`: the namespace that all runs share, from `__globals__.py` of the document root.

An edit is live at the next run; one that fails is logged and changes nothing. Loading it ends the
hooks that the text before it had asked for. Whether the file changed is asked on the reactor
thread: a thread that asks lets go of the interpreter, and costs each run a change of threads.
"""

from __future__ import annotations

import builtins
import os
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from hangerd.scripts.errors import ScriptEnded
from hangerd.scripts.extensions import Extensions
from hangerd.scripts.finder import Finder
from hangerd.scripts.hooks import App, Tell
from hangerd.scripts.importer import Importer
from hangerd.scripts.loop import ScriptLoop
from hangerd.scripts.namespace import Namespace
from hangerd.scripts.sources import SETTLE, Source, Sources, key_of
from hangerd.scripts.virtual import VirtualModules

NAME = "__globals__"
START_SECONDS = 10.0


class Globals:
    """Loads `__globals__.py` and keeps what became of it."""

    def __init__(
        self, root: str, sources: Sources, extensions: Extensions, loop: ScriptLoop, tell: Tell
    ) -> None:
        self._path = f"{root}/{NAME}.py"
        self._root = root
        self._sources = sources
        self._extensions = extensions
        self._loop = loop
        self._tell = tell
        self._lock = threading.RLock()
        self._source: Source | None = None
        self._seen: object = None  # the file's state when it was last looked at
        self._loaded: object = None  # the state that was loaded, or could not be
        self.module = ModuleType(NAME)
        self.app = App(tell)

    def begin(self) -> None:
        """Load the file, if there is one, before anybody asks for it. The reactor thread."""
        self.look()
        if self._seen is not None:
            threading.Thread(target=self.refresh, name="hangerd-globals", daemon=True).start()

    def look(self) -> None:
        """See whether there is something new to load. The reactor thread."""
        try:
            key = key_of(os.stat(self._path))  # noqa: PTH116 - hot path
        except FileNotFoundError:
            self._seen = None
        except OSError:
            self._seen = object()
        else:
            settled = time.time() - key[3] / 1e9 > 2 * SETTLE
            self._seen = key if settled else object()

    def refresh(self) -> None:
        """Load what is new. Any thread; the first to come loads it, others wait."""
        if self._loaded is self._seen or self._loaded == self._seen:
            return
        with self._lock:
            seen = self._seen
            try:
                source = self._sources.get(self._path)
            except FileNotFoundError:
                return
            except (OSError, ValueError) as error:
                self._tell("warn", f"{self._path} cannot be read: {error}")
                return
            if source is not self._source:
                self._source = source
                self._load(source)
            self._loaded = seen

    def _load(self, source: Source) -> None:
        app = App(self._tell)
        module = ModuleType(NAME)
        own: dict[str, ModuleType] = {}
        names: dict[str, Any] = {NAME: module, "app": app, "logger": app.logger, "modules": own}
        own[NAME] = own["__main__"] = module
        namespace = Namespace({"print": builtins.print}, {NAME: module})
        finder = Finder(self._sources, self._extensions, namespace.prepare)
        importer = Importer((self._root,), finder, VirtualModules(lambda: names, own), own)
        namespace.override(__import__=importer.import_)
        namespace.prepare(module)
        module.__dict__["__file__"] = str(Path(self._path))
        try:
            exec(source.code(), module.__dict__)  # noqa: S102 - to run it is what it is for
        except ScriptEnded:
            self._source = None
            raise
        except BaseException as error:
            self._tell(
                "warn", f"{self._path} is not loaded, what was there before stays: {error!r}"
            )
        else:
            self._call_start_hooks(app)
            self.module, self.app = module, app

    def _call_start_hooks(self, app: App) -> None:
        """Let them end before any script sees what they prepare; but not for ever."""
        if app.has("worker_start"):
            done = threading.Event()
            self._loop.call(app.call("worker_start"), done.set)
            if not done.wait(START_SECONDS):
                self._tell("warn", f"{self._path}: a start hook goes on; nobody waits any longer")
