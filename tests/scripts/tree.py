"""A file system in memory for the path rules: folders, files and links, and nothing real."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from hangerd.scripts.lookup import Kind


class Tree:
    """Answers the path rules' questions from a mapping of absolute paths.

    A path that ends in `/` is a folder; a value that is not empty is a link's target; every folder
    on the way to something exists.
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.straight_questions = 0
        self._links = {path: target for path, target in entries.items() if target}
        self._files = {path for path, target in entries.items() if not target and path[-1] != "/"}
        self._folders = {"/"}
        for path in entries:
            folder = posixpath.dirname(path)
            while folder not in self._folders:
                self._folders.add(folder)
                folder = posixpath.dirname(folder)

    def real_path(self, path: str) -> str:
        """Resolve links as the kernel does, name by name."""
        resolved, names, hops = "", path.strip("/").split("/"), 0
        while names:
            name = names.pop(0)
            candidate = posixpath.normpath(f"{resolved}/{name}")
            target = self._links.get(candidate)
            if target is None or hops > 40:
                resolved = "" if candidate == "/" else candidate
                continue
            hops += 1
            if target.startswith("/"):
                resolved = ""
            names = target.strip("/").split("/") + names
        return resolved or "/"

    def leads_straight(self, steps: Sequence[str]) -> bool:
        """Say whether these are folders, the last a file, and none a link."""
        self.straight_questions += 1
        real = all(self.real_path(step) == step for step in steps)
        return real and {*steps[:-1]} <= self._folders and steps[-1] in self._files

    def kind(self, path: str) -> Kind:
        """Say what is at a path, links followed."""
        real = self.real_path(path)
        if real in self._files:
            return Kind.FILE
        return Kind.FOLDER if real in self._folders else Kind.NOTHING
