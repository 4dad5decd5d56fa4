"""What a host's programs print: by line, with time, instance and stream; in memory and on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hangerd.hosts.bell import Bell
from hangerd.hosts.process import Stream
from hangerd.hosts.rotation import RotatedFile

MAX_LINE: Final = 8192  # characters; a longer line is cut into several
RING: Final = 1024 * 1024  # characters of lines kept in memory
TAIL: Final = 50  # lines of stderr told with a death
_OVERHEAD: Final = 64  # what an empty line costs of the ring


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `time` in seconds since the epoch, and who wrote it where."""

    time: float
    instance: int
    stream: str
    text: str

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds")
        return f"{when.removesuffix('+00:00')}Z {self.instance} {self.stream} {self.text}"


class Follower:
    """A subscription. A reader who is too slow misses lines, and `missed` counts them."""

    def __init__(self, limit: int, left: Callable[[Follower], None]) -> None:
        self._lines: deque[Line] = deque(maxlen=limit)
        self._limit = limit
        self._left = left
        self._bell = Bell()
        self._closed = False
        self.missed = 0

    def add(self, lines: Sequence[Line]) -> None:
        """Take lines; the oldest go when there is no room."""
        self.missed += max(0, len(self._lines) + len(lines) - self._limit)
        self._lines.extend(lines)
        self._bell.ring()

    async def read(self) -> list[Line]:
        """Return the lines since the last read, waiting for one; none means closed."""
        if not self._lines and not self._closed:
            await self._bell.wait()
        lines = list(self._lines)
        self._lines.clear()
        return lines

    def close(self) -> None:
        """End the subscription; a pending read returns."""
        if not self._closed:
            self._closed = True
            self._left(self)
            self._bell.ring()


class HostLog:
    """The log of one host. `now` gives seconds since the epoch."""

    def __init__(self, file: RotatedFile, now: Callable[[], float], ring: int = RING) -> None:
        self._file = file
        self._now = now
        self._ring = ring
        self._lines: deque[Line] = deque()
        self._held = 0
        self._partial: dict[tuple[int, str], str] = {}
        self._followers: list[Follower] = []

    @property
    def path(self) -> Path:
        """Return the file that the newest lines are in."""
        return self._file.path

    def write(self, instance: int, stream: Stream, data: bytes) -> None:
        """Take a chunk of output; what has no newline yet waits for it."""
        text = self._partial.pop((instance, stream), "") + data.decode(errors="backslashreplace")
        *whole, rest = text.split("\n")
        while len(rest) > MAX_LINE:
            whole.append(rest[:MAX_LINE])
            rest = rest[MAX_LINE:]
        if rest:
            self._partial[instance, stream] = rest
        self._add(instance, stream, whole)

    def note(self, instance: int, text: str) -> None:
        """Take a line of hangerd's own, such as a start or an end."""
        self._add(instance, "hangerd", [text])

    def ended(self, instance: int) -> None:
        """Take what an ended instance left without a newline."""
        for stream in ("stdout", "stderr"):
            rest = self._partial.pop((instance, stream), "")
            if rest:
                self._add(instance, stream, [rest])

    def tail(self, count: int) -> list[Line]:
        """Return the last lines in memory."""
        return list(self._lines)[-count:] if count > 0 else []

    def stderr_tail(self, instance: int, count: int = TAIL) -> str:
        """Return the end of what an instance wrote to stderr."""
        found = [self._partial.get((instance, "stderr"), "")]
        for line in reversed(self._lines):
            if line.instance == instance and line.stream == "stderr":
                found.append(line.text)
                if len(found) > count:
                    break
        return "\n".join(reversed(found)).rstrip("\n")

    def follow(self, limit: int = 1000) -> Follower:
        """Return a subscription to the lines that come from now on."""
        follower = Follower(limit, self._followers.remove)
        self._followers.append(follower)
        return follower

    def close(self) -> None:
        """End the subscriptions and the file."""
        for follower in list(self._followers):
            follower.close()
        self._file.close()

    def _add(self, instance: int, stream: str, texts: list[str]) -> None:
        """Keep lines, write them, and tell who follows."""
        if not texts:
            return
        now = self._now()
        lines = [
            Line(now, instance, stream, text[at : at + MAX_LINE])
            for text in texts
            for at in range(0, max(1, len(text)), MAX_LINE)
        ]
        self._keep(lines)
        prefix = str(Line(now, instance, stream, ""))
        self._file.write("".join(f"{prefix}{line.text}\n" for line in lines).encode())
        for follower in list(self._followers):
            follower.add(lines)

    def _keep(self, lines: list[Line]) -> None:
        for line in lines:
            self._lines.append(line)
            self._held += len(line.text) + _OVERHEAD
        while self._held > self._ring:
            self._held -= len(self._lines.popleft().text) + _OVERHEAD
