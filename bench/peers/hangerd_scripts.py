"""hangerd as a server of scripts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import site
from bench.contest import Contestant
from bench.peers.hangerd import hangerd
from bench.peers.httpout import THREADS
from bench.peers.page_server import PageServer


@contextmanager
def _start(threads: int = THREADS) -> Iterator[PageServer]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        site.write(root)
        settings = f"[scripts]\nthreads = {threads}\nqueue = 1000\n"
        with hangerd(settings, "--root", str(root)) as daemon:
            yield PageServer(daemon.url, daemon.process, root, _start)


def contestant() -> Contestant[PageServer]:
    """Give it."""
    return Contestant("hangerd", _start)
