"""httpout from PyPI, with as many threads as hangerd, and no limit on its sending speed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench import site
from bench.contest import Contestant
from bench.packages import python_version, venv
from bench.peers.page_server import PageServer
from bench.processes import free_port, listens, server, wait_until

THREADS: Final = 32
_UNLIMITED: Final = str(1 << 40)


def contestants() -> list[Contestant[PageServer]]:
    """Install it. Raises NotMeasured."""
    python = venv("httpout", "httpout")

    @contextmanager
    def start(threads: int = THREADS) -> Iterator[PageServer]:
        with tempfile.TemporaryDirectory() as name:
            root, log, port = Path(name) / "root", Path(name) / "log", free_port()
            root.mkdir()
            site.write(root)
            options = {
                "port": port,
                "thread-pool-size": threads,
                "download-rate": _UNLIMITED,
                "backlog": 1024,
                "keepalive-connections": 1024,
                "log-level": "ERROR",
            }
            flags = [part for key, value in options.items() for part in (f"--{key}", str(value))]
            with server([python, "-m", "httpout", *flags, root], log) as process:
                wait_until(lambda: listens(port), process, log)
                yield PageServer(f"http://127.0.0.1:{port}", process, root, start)

    found = {name: python_version(python, name) for name in ("httpout", "tremolo")}
    return [Contestant("httpout", start, found)]
