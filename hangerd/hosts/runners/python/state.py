"""The state of a bgpy host: taken back when a task fails, and kept in a file between two processes.

Pickles made here are loaded only here: by the same program, from a file in the daemon's
state directory.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

LARGEST = 16 * 1024 * 1024
"""Bytes of pickled state up to which a failing task's changes are taken back."""

_PICKLED = 0x80  # the first byte of every pickle of protocol 2 and later, and of no JSON


class _TooLargeError(Exception):
    pass


class _Bounded:
    """A file for a pickler that refuses to grow over a limit."""

    def __init__(self, limit: int) -> None:
        self.parts: list[bytes] = []
        self._left = limit

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise _TooLargeError
        self.parts.append(bytes(data))
        return len(data)


def _pickled(value: Any) -> bytes:
    """Return a pickle of at most LARGEST bytes. Raises _TooLargeError or what pickle raises."""
    kept = _Bounded(LARGEST)
    pickle.Pickler(kept, protocol=5).dump(value)
    return b"".join(kept.parts)


class Rollback:
    """Copies a state before a task and gives the copy back when the task fails.

    A task may change its state in place, so only a copy helps. What cannot be pickled, or is larger
    than LARGEST, stays as the task left it; that is said once.
    """

    def __init__(self) -> None:
        self._possible = True

    def copy(self, state: Any) -> bytes | None:
        """Return a copy, or None where that cannot be had."""
        if not self._possible:
            return None
        try:
            return _pickled(state)
        except Exception as error:
            self._possible = False
            why = (
                "is too large"
                if isinstance(error, _TooLargeError)
                else f"cannot be pickled ({error})"
            )
            print(f"hangerd: the state {why}: failing tasks may leave it changed", file=sys.stderr)
            return None

    @staticmethod
    def restore(copy: bytes | None, state: Any) -> Any:
        """Return the state as it was copied."""
        return state if copy is None else pickle.loads(copy)  # noqa: S301 - made above


class Checkpoint:
    """A file with the last state: JSON where that says the same, else a pickle."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._last: bytes | None = None

    def load(self, otherwise: Any) -> Any:
        """Return the state of the file, or `otherwise` when there is none that can be read."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return otherwise
        try:
            state = pickle.loads(data) if data[:1] == bytes([_PICKLED]) else json.loads(data)  # noqa: S301
        except Exception as error:
            aside = self._path.with_name(self._path.name + ".unreadable")
            self._path.replace(aside)
            print(f"hangerd: the checkpoint is unreadable ({error}): now {aside}", file=sys.stderr)
            return otherwise
        self._last = data
        return state

    def save(self, state: Any) -> None:
        """Write the state if it has changed."""
        try:
            data = _written(state)
        except Exception as error:
            print(f"hangerd: the state cannot be kept: {error}", file=sys.stderr)
            return
        if data == self._last:
            return
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        new.touch(0o600)
        new.write_bytes(data)
        new.replace(self._path)
        self._last = data

    def forget(self) -> None:
        """Remove the file: the state has come to its end."""
        self._path.unlink(missing_ok=True)


def _written(state: Any) -> bytes:
    try:
        if _is_plain(state):
            return json.dumps(state).encode()
    except RecursionError:
        pass  # a state that contains itself: only a pickle can say that
    return pickle.dumps(state)


def _is_plain(value: Any) -> bool:
    """Say whether JSON gives back exactly this value."""
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    if kind is list:
        return all(_is_plain(item) for item in value)
    return value is None or kind in {str, int, float, bool}
