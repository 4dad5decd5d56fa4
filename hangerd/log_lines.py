"""Log lines that come often: made without Twisted's events, and written many at once.

They are the same lines, in the same file and in order with the others, a tenth of a second late at
most, and put into words when they are written. An event costs some 60 microseconds until it is
written; such a line 2 as text, 8 as JSON.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from time import time
from typing import Final, Generic, TextIO, TypeVar

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import formatTime

SECONDS: Final = 0.1
"""How long a line may wait to be written."""
_MOST: Final = 500  # lines that wait

Item = TypeVar("Item")
Fields = Mapping[str, str | int | float]
# Makes a line of the seconds since the epoch, a namespace, a message and its fields.
LineFormat = Callable[[float, str, str, Fields], str]


class Gathered:
    """A log's file, of which `write` only gathers. Threads may use it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lines: deque[str | Callable[[], str]] = deque()
        self._writing = Lock()

    def write(self, text: str | Callable[[], str]) -> None:
        """Take some text, or what makes it; it is written before anything that comes later."""
        self._lines.append(text)
        if len(self._lines) > _MOST:
            self.flush()

    def flush(self) -> None:
        """Write all."""
        with self._writing:
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            self._out.write("".join([line if isinstance(line, str) else line() for line in lines]))
            self._out.flush()


class FrequentLines(Generic[Item]):
    """Writes lines of one namespace, of level info, each about an item.

    `describe` gives an item's message, without a line end in it, and the fields in that. `now`
    gives seconds since the epoch.
    """

    def __init__(
        self,
        out: Gathered,
        line: LineFormat,
        namespace: str,
        clock: IReactorTime,
        describe: Callable[[Item], tuple[str, Fields]],
        now: Callable[[], float] = time,
    ) -> None:
        self._out = out
        self._line = line
        self._namespace = namespace
        self._clock = clock
        self._describe = describe
        self._now = now
        self._flush: IDelayedCall | None = None

    def __call__(self, item: Item) -> None:
        """Write the line about one item, which does not change any more."""
        self._out.write(partial(self._put, self._now(), item))
        if self._flush is None:
            self._flush = self._clock.callLater(SECONDS, self._write)

    def _put(self, when: float, item: Item) -> str:
        return self._line(when, self._namespace, *self._describe(item))

    def _write(self) -> None:
        self._flush = None
        self._out.flush()


class TextLines:
    """Lines for people, as Twisted writes them; the time is put into words once a second."""

    def __init__(self) -> None:
        self._second = -1
        self._stamp = ""

    def __call__(self, when: float, namespace: str, message: str, fields: Fields) -> str:
        """See `LineFormat`."""
        second = int(when)
        if second != self._second:
            self._second, self._stamp = second, formatTime(second)
        return f"{self._stamp} [{namespace}#info] {message}\n"


def json_line(when: float, namespace: str, message: str, fields: Fields) -> str:
    """See `LineFormat`: lines for machines, as `logs.format_json` makes them."""
    return json.dumps({**json_head(when, "info", namespace, message), **fields}) + "\n"


def json_head(when: float, level: str, namespace: str, message: str) -> dict[str, object]:
    """What each line for machines begins with: RFC 3339 time in UTC, level, namespace, message."""
    stamp = datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")
    return {"time": stamp, "level": level, "namespace": namespace, "message": message}
