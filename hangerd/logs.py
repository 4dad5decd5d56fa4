"""The daemon's log: lines for people, or one JSON object a line for machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO, cast

from twisted.logger import (
    FileLogObserver,
    FilteringLogObserver,
    ILogObserver,
    LogEvent,
    LogLevel,
    LogLevelFilterPredicate,
    formatEvent,
    formatEventAsClassicLogText,
)
from twisted.python.logfile import LogFile
from zope.interface import implementer

from hangerd.log_lines import Gathered, LineFormat, TextLines, json_head, json_line

# What older parts of Twisted add to every event; the newer say log_ before it.
_ALWAYS_THERE = {"isError", "failure", "message", "time", "system", "format", "why"}

_LOG_SIZE = 10 * 1024 * 1024
_LOG_FILES = 5


def open_log(path: str, stdout: TextIO) -> TextIO:
    """Open twistd's --logfile, which is rotated; "-" or "" is standard output."""
    if path in {"", "-"}:
        return stdout
    out: TextIO = LogFile.fromFullPath(path, rotateLength=_LOG_SIZE, maxRotatedFiles=_LOG_FILES)
    return out


@dataclass(frozen=True)
class DaemonLog:
    """The log: `observer` writes events, `out` and `line` are for lines that come often."""

    observer: ILogObserver
    out: Gathered
    line: LineFormat


def daemon_log(out: TextIO, log_format: str, *, debug: bool) -> DaemonLog:
    """A log in a file, each event one entry; debug events only with `debug`."""
    gathered = Gathered(out)
    line: LineFormat = json_line if log_format == "json" else TextLines()
    return DaemonLog(log_observer(gathered, log_format, debug=debug), gathered, line)


def log_observer(out: TextIO | Gathered, log_format: str, *, debug: bool) -> ILogObserver:
    """An observer that writes each event as one entry; debug events only with `debug`."""
    write_as: Callable[[LogEvent], str | None] = (
        format_json if log_format == "json" else formatEventAsClassicLogText
    )
    observer = FileLogObserver(cast(TextIO, out), write_as)
    if debug:
        return observer
    info = LogLevelFilterPredicate(defaultLogLevel=LogLevel.info)
    return WithoutChatter(FilteringLogObserver(observer, [info]))


@implementer(ILogObserver)
class WithoutChatter:
    """Drops what Twisted's older parts say with log.msg, such as each port's start and end."""

    def __init__(self, observer: ILogObserver) -> None:
        self._observer = observer

    def __call__(self, event: LogEvent) -> None:
        """Take one event."""
        if event.get("log_namespace") != "log_legacy" or event.get("isError"):
            self._observer(event)


def format_json(event: LogEvent) -> str:
    """One line: time (RFC 3339, UTC), level, namespace, message, traceback, the event's fields."""
    level = event.get("log_level")
    line = json_head(
        event.get("log_time", 0.0),
        level.name if level else "info",
        event.get("log_namespace", ""),
        formatEvent(event),
    )
    failure = event.get("log_failure")
    if failure is not None:
        line["traceback"] = failure.getTraceback()
    for key, value in event.items():
        own = not key.startswith("log_") and key not in _ALWAYS_THERE
        if own and isinstance(value, (str, int, float, bool)):
            line.setdefault(key, value)
    return json.dumps(line) + "\n"
