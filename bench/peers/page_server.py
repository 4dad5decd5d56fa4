"""A server of the site's scripts, as it is given to the suite; and one that runs elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.contest import Contestant


@dataclass(frozen=True)
class PageServer:
    """`root` is its folder and `threads` gives another one with so many; None: not ours."""

    url: str
    process: psutil.Process | None = None
    root: Path | None = None
    threads: Callable[[int], AbstractContextManager[PageServer]] | None = None


def elsewhere(url: str) -> Contestant[PageServer]:
    """Give a server that runs already, with the files that bench/site.py writes."""

    @contextmanager
    def start() -> Iterator[PageServer]:
        yield PageServer(url.rstrip("/"))

    return Contestant(url, start)
