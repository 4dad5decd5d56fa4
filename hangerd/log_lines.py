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
from typing import Final, Protocol, TextIO

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import formatTime

SECONDS: Final = 0.1
"""How long a line may wait to be written."""
# Lines that wait: to put them into words holds everything else up, 500 of them for 1.5 ms.
_MOST: Final = 100

Fields = Mapping[str, str | int | float]


class Told(Protocol):
    """What a line is about; asked when the line is written."""

    @property
    def message(self) -> str:
        """What people read, without a line end in it."""
        ...

    @property
    def fields(self) -> Fields:
        """What programs read."""
        ...


# Makes a line of the seconds since the epoch, a namespace, and what is told.
LineFormat = Callable[[float, str, Told], str]


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


class FrequentLines:
    """Writes lines of one namespace, of level info. `now` gives seconds since the epoch."""

    def __init__(
        self,
        out: Gathered,
        line: LineFormat,
        namespace: str,
        clock: IReactorTime,
        now: Callable[[], float] = time,
    ) -> None:
        self._out = out
        self._line = line
        self._namespace = namespace
        self._clock = clock
        self._now = now
        self._flush: IDelayedCall | None = None

    def __call__(self, told: Told) -> None:
        """Write a line; what it tells does not change any more."""
        self._out.write(partial(self._line, self._now(), self._namespace, told))
        if self._flush is None:
            self._flush = self._clock.callLater(SECONDS, self._write)

    def _write(self) -> None:
        self._flush = None
        self._out.flush()


class TextLines:
    """Lines for people, as Twisted writes them; the time is put into words once a second."""

    def __init__(self) -> None:
        self._second = -1
        self._stamp = ""

    def __call__(self, when: float, namespace: str, told: Told) -> str:
        """See `LineFormat`."""
        second = int(when)
        if second != self._second:
            self._second, self._stamp = second, formatTime(second)
        return f"{self._stamp} [{namespace}#info] {told.message}\n"


def json_line(when: float, namespace: str, told: Told) -> str:
    """See `LineFormat`: lines for machines, as `logs.format_json` makes them."""
    return json.dumps({**json_head(when, "info", namespace, told.message), **told.fields}) + "\n"


def json_head(when: float, level: str, namespace: str, message: str) -> dict[str, object]:
    """What each line for machines begins with: RFC 3339 time in UTC, level, namespace, message."""
    stamp = datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")
    return {"time": stamp, "level": level, "namespace": namespace, "message": message}
