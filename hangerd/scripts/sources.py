"""What the files of the document root say: settings and code, kept while the file is the same.

Rules: a file is the same while device, inode, size, mtime and ctime are. The kernel's clock for
those moves in steps, so a file read within `SETTLE` seconds of its last change is read again and
compared until it is older. Code is shared between runs; namespaces never are.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from types import CodeType

from hangerd.scripts.settings import ScriptSettings, read_settings

SETTLE = 0.1
MAX_SIZE = 8 * 1024 * 1024

Key = tuple[int, int, int, int, int]


class Source:
    """One file as it was read: compiled when it is first needed."""

    def __init__(self, path: str, key: Key, data: bytes, defaults: ScriptSettings) -> None:
        self.path = path
        self.key = key
        self.data: bytes | None = data
        self.settings, self.problems = read_settings(data, defaults)
        self._code: CodeType | None = None

    def code(self) -> CodeType:
        """Return the compiled module. Raises SyntaxError, or ValueError for a null byte."""
        if self._code is None:
            self._code = compile(self.data or b"", self.path, "exec", dont_inherit=True)
        return self._code

    def settle(self, now: float) -> None:
        """Forget the text once it is compiled and certain to be what the file's key says."""
        if self._code is not None and now - self.key[3] / 1e9 > SETTLE:
            self.data = None


class Sources:
    """The files read last, at most `limit`. Any thread may ask.

    `settings_of` gives the settings of a path where the file says nothing.
    """

    def __init__(
        self,
        settings_of: Callable[[str], ScriptSettings],
        limit: int = 512,
        max_size: int = MAX_SIZE,
    ) -> None:
        self._settings_of = settings_of
        self._limit = limit
        self._max_size = max_size
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Source] = OrderedDict()

    def get(self, path: str, state: os.stat_result | None = None) -> Source:
        """Return the file as it is now, in the `state` that was just asked for, if one was.

        Raises OSError, or ValueError for one too large.
        """
        with self._lock:
            known = self._known.get(path)
            if known is not None:
                self._known.move_to_end(path)
        key = key_of(state or os.stat(path))  # noqa: PTH116 - hot path
        if known is not None and known.key == key:
            if known.data is not None:
                known.settle(time.time())
            if known.data is None:
                return known
        return self._keep(self._read(path, known))

    def _read(self, path: str, known: Source | None) -> Source:
        with open(path, "rb") as file:  # noqa: PTH123 - hot path
            key = key_of(os.fstat(file.fileno()))
            if key[2] > self._max_size:
                raise ValueError(f"{path} is larger than {self._max_size} bytes")
            data = file.read(self._max_size + 1)
        if known is not None and known.key == key and known.data == data:
            return known
        return Source(path, key, data, self._settings_of(path))

    def _keep(self, source: Source) -> Source:
        with self._lock:
            self._known[source.path] = source
            self._known.move_to_end(source.path)
            while len(self._known) > self._limit:
                self._known.popitem(last=False)
        return source


def key_of(stat: os.stat_result) -> Key:
    """Return what differs when a file was changed or replaced."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
