"""Which of the user's files were imported: not the runner's, Python's or installed packages'."""

from __future__ import annotations

import os
import sys

INSTALLED = frozenset({"site-packages", "dist-packages"})


class Sources:
    """Remembers what was reported."""

    def __init__(self) -> None:
        self._left_out = (
            os.path.dirname(os.__file__) + os.sep,
            os.path.dirname(os.path.abspath(__file__)) + os.sep,
        )
        self._seen: set[str] = set()
        self._count = 0

    def fresh(self) -> list[str]:
        """Return the absolute paths of files imported since the last time."""
        if len(sys.modules) == self._count:
            return []
        modules = list(sys.modules.values())
        self._count = len(modules)
        return [path for path in map(_file_of, modules) if path and self._is_new(path)]

    def _is_new(self, path: str) -> bool:
        if path in self._seen:
            return False
        self._seen.add(path)
        return not path.startswith(self._left_out) and INSTALLED.isdisjoint(path.split(os.sep))


def _file_of(module: object) -> str | None:
    path = getattr(module, "__file__", None)
    return os.path.abspath(path) if isinstance(path, str) else None
