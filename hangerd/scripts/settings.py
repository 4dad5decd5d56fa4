"""What a script says of itself: `# hangerd: concurrency=1 timeout=60 output=text` at its top.

Rules: only comment lines before the first line of code count, and only those that open with
`# hangerd:`. A word that is wrong or unknown changes nothing; it is reported as a problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

OutputMode = Literal["auto", "html", "text"]
StderrMode = Literal["auto", "page", "log"]

_MARK = re.compile(rb"#\s*hangerd:(.*)")
_SIZE = re.compile(r"(\d+)\s*([KMG]?)(?:iB|B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


@dataclass(frozen=True)
class ScriptSettings:
    """How a script is run. Times in seconds (None: no limit), sizes in bytes."""

    concurrency: int | None = None  # runs of this script at a time
    timeout: float | None = 60.0  # without output or input
    input_timeout: float | None = 600.0  # for one answer of the visitor
    output: OutputMode = "auto"
    stderr: StderrMode = "auto"  # auto: the page when it is text, the log when it is HTML
    body: int = 2 * 1024 * 1024  # the largest request body
    message: int = 2 * 1024 * 1024  # the largest message of a websocket
    compress: bool = False  # pack what is printed, for who accepts that


@dataclass(frozen=True)
class PoolLimits:
    """How much is run at once. Times in seconds."""

    threads: int = 32
    queue: int = 100  # visitors that wait for a thread
    queue_wait: float = 30.0
    max_zombies: int = 16


def _count(word: str) -> int:
    if (number := int(word)) < 1:
        raise ValueError("must be 1 or more")
    return number


def _seconds(word: str) -> float | None:
    if word == "none":
        return None
    if not 0 < (number := float(word)) < 1e7:
        raise ValueError("must be a number of seconds above 0, or none")
    return number


def _size(word: str) -> int:
    if not (match := _SIZE.fullmatch(word)):
        raise ValueError("must be a size such as 500K, 20M or 1G")
    return int(match[1]) * _UNITS[match[2].upper()]


def _switch(word: str) -> bool:
    if word not in ("on", "off"):
        raise ValueError("must be on or off")
    return word == "on"


def _one_of(*words: str) -> Callable[[str], str]:
    def choose(word: str) -> str:
        if word not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return word

    return choose


_READ: Mapping[str, Callable[[str], Any]] = {
    "concurrency": _count,
    "timeout": _seconds,
    "input_timeout": _seconds,
    "output": _one_of("auto", "html", "text"),
    "stderr": _one_of("auto", "page", "log"),
    "body": _size,
    "message": _size,
    "compress": _switch,
}


def _marked_lines(source: bytes) -> Iterator[bytes]:
    for line in source.removeprefix(b"\xef\xbb\xbf").splitlines():
        text = line.strip()
        if text and not text.startswith(b"#"):
            return
        if match := _MARK.match(text):
            yield match[1]


def read_settings(
    source: bytes, defaults: ScriptSettings
) -> tuple[ScriptSettings, tuple[str, ...]]:
    """Return the settings of a script with this source, and what was wrong with its words."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for line in _marked_lines(source):
        for word in line.decode("utf-8", "replace").split():
            key, _, value = word.partition("=")
            if key not in _READ:
                problems.append(f"{key!r} is no setting: use {', '.join(_READ)}")
                continue
            try:
                values[key] = _READ[key](value)
            except ValueError as error:
                problems.append(f"{key}={value}: {error}")
    return replace(defaults, **values), tuple(problems)
