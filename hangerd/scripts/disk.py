"""The file system: answers the path rules' questions, and opens what they allowed."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from hangerd.scripts.lookup import Kind

# Names of a folder that are read: a few milliseconds.
MOST_NAMES = 10_000


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A regular file opened for reading, and its state then (size in bytes, time in ns)."""

    file: BinaryIO
    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a path without opening it: size in bytes, last change in seconds."""

    is_folder: bool
    size: int
    changed: float


class Disk:
    """The file system itself. Its calls are short; they are made on the reactor's thread."""

    def real_path(self, path: str) -> str:
        """Resolve every symbolic link; a loop of links stays as it is, and opens as nothing."""
        try:
            return os.path.realpath(path)
        except ValueError:  # a name that the locale's encoding cannot write
            return path

    def kind(self, path: str) -> Kind:
        """Say what is at this path; what cannot be looked at is nothing."""
        try:
            mode = os.stat(path).st_mode  # noqa: PTH116 - paths are str here
        except (OSError, ValueError):
            return Kind.NOTHING
        if stat.S_ISREG(mode):
            return Kind.FILE
        return Kind.FOLDER if stat.S_ISDIR(mode) else Kind.NOTHING

    def leads_straight(self, steps: Sequence[str]) -> bool:
        """Say whether these are folders, the last a file, and none of them a link."""
        try:
            for folder in steps[:-1]:
                if not stat.S_ISDIR(os.lstat(folder).st_mode):
                    return False
            return stat.S_ISREG(os.lstat(steps[-1]).st_mode)
        except (OSError, ValueError):
            return False

    def state(self, path: str) -> State | None:
        """Look at a path, links followed; None where nothing can be looked at."""
        try:
            found = os.stat(path)  # noqa: PTH116 - paths are str here
        except (OSError, ValueError):
            return None
        return State(stat.S_ISDIR(found.st_mode), found.st_size, found.st_mtime)

    def names(self, folder: str) -> list[str]:
        """Give the names in a folder, in order, of its first 10,000; none if it cannot be read."""
        try:
            with os.scandir(folder) as found:
                return sorted(entry.name for entry in islice(found, MOST_NAMES))
        except OSError:
            return []

    def open(self, path: str) -> OpenFile:
        """Open a regular file at a resolved path; OSError for anything else.

        A link or a pipe put there since the path was resolved is neither followed nor waited for.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            os.close(descriptor)
            raise FileNotFoundError(path)
        file = os.fdopen(descriptor, "rb", buffering=0)
        return OpenFile(file, state.st_size, state.st_mtime_ns, state.st_ino)
