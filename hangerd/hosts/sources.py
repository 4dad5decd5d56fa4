"""Notices that files have changed: looks at them twice a second, and waits until it is quiet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

Stamp = tuple[int, int, int] | None

LOOK_EVERY: Final = 0.25
QUIET: Final = 0.2


def read_stamp(path: str) -> Stamp:
    """Return what changes with an edit: time, size, inode; None for a file that is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116 - one call per file, many files
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class Sources:
    """Calls `changed` once after each burst of edits, with a path that changed."""

    def __init__(
        self,
        clock: IReactorTime,
        changed: Callable[[str], None],
        stamp: Callable[[str], Stamp] = read_stamp,
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._stamp = stamp
        self._stamps: dict[str, Stamp] = {}
        self._timer: IDelayedCall | None = None
        self._edited = ""
        self._quiet_at = 0.0

    @property
    def paths(self) -> list[str]:
        """Return what is watched."""
        return sorted(self._stamps)

    def add(self, paths: Iterable[str]) -> None:
        """Watch these too, from now on."""
        for path in paths:
            if path not in self._stamps:
                self._stamps[path] = self._stamp(path)
        if self._timer is None and self._stamps:
            self._timer = self._clock.callLater(LOOK_EVERY, self._look)

    def stop(self) -> None:
        """Watch nothing."""
        self._stamps.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._edited = ""

    def _look(self) -> None:
        """Compare; tell once nothing has changed for a moment."""
        now = self._clock.seconds()
        for path, before in self._stamps.items():
            stamp = self._stamp(path)
            if stamp != before:
                self._stamps[path] = stamp
                self._edited = path
                self._quiet_at = now + QUIET
        edited = self._edited
        due = edited and now >= self._quiet_at
        self._timer = self._clock.callLater(QUIET if edited and not due else LOOK_EVERY, self._look)
        if due:
            self._edited = ""
            self._changed(edited)
