"""Pickles of a run's classes: C's pickle finds classes in the process's modules, and nowhere else.

What it refuses in a run is pickled again by pickle's own Python class, which looks at `sys.modules`
as Python code sees it; reading asks the run first. The bytes are the same. Outside of runs nothing
differs.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

from hangerd.scripts.current import CURRENT

Replace = Callable[[Any, str, Any], None]


class RunPickler(pickle.Pickler):
    """pickle.Pickler, for a run's classes too."""

    def __init__(self, file: Any, protocol: int | None = None, **options: Any) -> None:
        self._target = file
        self._arguments = (protocol, options)
        self._run = CURRENT.get() is not None
        # Bytes of a failed attempt must not reach the file.
        self._attempt = io.BytesIO() if self._run else file
        super().__init__(self._attempt, protocol, **options)

    def dump(self, obj: Any, /) -> None:
        """Write a pickle. Raises PicklingError."""
        if not self._run:
            super().dump(obj)
            return
        try:
            super().dump(obj)
        except pickle.PicklingError:
            self.clear_memo()
            self._attempt.seek(0)
            self._attempt.truncate()
            self._python_pickler().dump(obj)
        self._target.write(self._attempt.getvalue())
        self._attempt.seek(0)
        self._attempt.truncate()

    def _python_pickler(self) -> Any:
        protocol, options = self._arguments
        pickler = pickle._Pickler(self._attempt, protocol, **options)
        for name in ("persistent_id", "reducer_override", "dispatch_table"):
            if name in vars(type(self)) or name in vars(self):
                setattr(pickler, name, getattr(self, name))
        return pickler


class RunUnpickler(pickle.Unpickler):
    """pickle.Unpickler, for a run's classes too."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Return the object of that name. Raises ImportError, AttributeError."""
        run = CURRENT.get()
        module = None if run is None else run.import_module(module_name)
        if module is None:
            return super().find_class(module_name, global_name)
        found: Any = module
        for name in global_name.split("."):
            found = getattr(found, name)
        return found


def replace_pickle(replace: Replace) -> None:
    """Put these in the place of pickle's own, which serve everything outside of runs."""
    c_dumps, c_loads = pickle.dumps, pickle.loads

    def dumps(obj: Any, protocol: int | None = None, **options: Any) -> bytes:
        if CURRENT.get() is None:
            return c_dumps(obj, protocol, **options)
        RunPickler(file := io.BytesIO(), protocol, **options).dump(obj)
        return file.getvalue()

    def dump(obj: Any, file: Any, protocol: int | None = None, **options: Any) -> None:
        RunPickler(file, protocol, **options).dump(obj)

    def loads(data: Any, /, **options: Any) -> Any:
        if CURRENT.get() is None:
            return c_loads(data, **options)
        return RunUnpickler(io.BytesIO(data), **options).load()

    def load(file: Any, **options: Any) -> Any:
        return RunUnpickler(file, **options).load()

    for function in (dumps, dump, loads, load):
        replace(pickle, function.__name__, function)
    replace(pickle, "Pickler", RunPickler)
    replace(pickle, "Unpickler", RunUnpickler)
