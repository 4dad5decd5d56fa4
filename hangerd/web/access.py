"""The access log: one line for each request, without tokens, queries or values.

A token stands in a slot's path, and queries may carry leases; so a path is shown by its known
words, and a query not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from hangerd.log_lines import Fields, FrequentLines
from hangerd.logs import DaemonLog
from hangerd.scripts.note import RunNote

_NAMESPACE = "hangerd.access"
_SLOT_WORDS = frozenset(b"ack answer close open read sleep write".split())
_LONGEST = 200


@lru_cache(128)
def shown_path(path: bytes) -> str:
    """A path as the log may show it: a slot's without its token, printable, of bounded length."""
    # As the routes read it; a token must not hide behind an escape, nor behind a host's name.
    segments = unquote_to_bytes(path).split(b"/")
    if b"hanger" in segments:
        after = segments.index(b"hanger") + 1
        segments[after:] = [word if _harmless(word) else b"*" for word in segments[after:]]
    shown = b"/".join(segments)[:_LONGEST].decode("ascii", "backslashreplace")
    return shown if shown.isprintable() else ascii(shown)[1:-1]


def _harmless(word: bytes) -> bool:
    return not word or word in _SLOT_WORDS or word.endswith(b".js")


class Finished(NamedTuple):
    """A request that was answered: the path by `shown_path`, `size` in bytes, `seconds` it took.

    `run` is that of a script, if one ran for it.
    """

    client: str
    method: bytes
    path: str
    status: int
    size: int
    seconds: float
    run: RunNote | None = None

    @property
    def message(self) -> str:
        """What was asked, by whom, and how it was answered."""
        client, method, path, status, size, seconds, run = self
        line = f"{_answered(client, method, path, status, size)} {seconds:.4f}s"
        if run is None:
            return line
        ended = f" {run.ended}" if run.ended else ""
        return f"{line} {_script(run)} [{run.run}] waited {run.waited:.4f}s{ended}"

    @property
    def fields(self) -> Fields:
        """The same, for programs that read the log."""
        told: dict[str, str | int | float] = {
            "client": self.client,
            "method": _shown(self.method),
            "path": self.path,
            "status": self.status,
            "bytes": self.size,
            "seconds": round(self.seconds, 4),
        }
        if (run := self.run) is not None:
            told |= {"script": _script(run), "run": run.run}
            told |= {"waited": round(run.waited, 4), "ended": run.ended or "done"}
        return told


def _script(run: RunNote) -> str:
    return run.script if run.script.isprintable() else ascii(run.script)[1:-1]


@lru_cache(512)
def _answered(client: str, method: bytes, path: str, status: int, size: int) -> str:
    """Put into words what many lines have in common; that took most of a line's time."""
    return f"{client} {_shown(method)} {path} {status} {size}B"


@lru_cache(64)
def _shown(method: bytes) -> str:
    return method[:20].decode("ascii", "backslashreplace")


Hear = Callable[[Finished], None]


def access_log(log: DaemonLog | None, clock: IReactorTime) -> Hear:
    """Writes a line about each request that was answered.

    The lines are in the daemon's log; as Twisted's events where that is not ours (None).
    """
    if log is not None:
        return FrequentLines(log.out, log.line, _NAMESPACE, clock)
    events = Logger(_NAMESPACE)

    def write(done: Finished) -> None:
        events.info("{line}", line=done.message, **done.fields)

    return write
