"""A log file that never grows past its size: NAME, then NAME.1 and so on, the oldest dropped."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


class RotatedFile:
    """Appends bytes. A disk that does not take them is reported once, and tried again later."""

    def __init__(
        self, path: Path, size: int, files: int, failed: Callable[[OSError], None]
    ) -> None:
        self.path = path
        self._size = size
        self._files = files
        self._failed = failed
        self._file: BinaryIO | None = None
        self._used = 0
        self._troubled = False

    def write(self, data: bytes) -> None:
        """Append, and rotate first when it would not fit."""
        try:
            file = self._open()
            if self._used and self._used + len(data) > self._size:
                self.close()
                self._rotate()
                file = self._open()
            file.write(data)
            self._used += len(data)
            self._troubled = False
        except OSError as error:
            self.close()
            if not self._troubled:
                self._troubled = True
                self._failed(error)

    def close(self) -> None:
        """Close the file; the next write opens it again."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._file = os.fdopen(descriptor, "ab", buffering=0)
            self._used = os.fstat(descriptor).st_size
        return self._file

    def _rotate(self) -> None:
        """Move every file one number up; the last one is overwritten."""
        for number in range(self._files - 1, 0, -1):
            older = self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))
        if self._files == 1:
            self.path.unlink(missing_ok=True)

    def _numbered(self, number: int) -> Path:
        return self.path if number == 0 else Path(f"{self.path}.{number}")
