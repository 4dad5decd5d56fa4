"""The Brython Runner's hanger on aiohttp, as we have written it down in aiohttp_hanger.py."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.contest import Contestant
from bench.loads.slots import HANGER
from bench.packages import python_version, venv
from bench.peers.slot_server import SlotServer
from bench.processes import server, wait_until

_PROGRAM = Path(__file__).parent.parent / "programs" / "aiohttp_hanger.py"


def contestants() -> list[Contestant[SlotServer]]:
    """Install it. Raises NotMeasured."""
    python = venv("aiohttp", "aiohttp")

    @contextmanager
    def start() -> Iterator[SlotServer]:
        with tempfile.TemporaryDirectory() as name:
            log = Path(name) / "log"
            with server([python, _PROGRAM], log) as process:
                wait_until(lambda: log.read_bytes().endswith(b"\n"), process, log)
                port = int(log.read_text().split()[-1])
                yield SlotServer(f"http://127.0.0.1:{port}/hanger", HANGER, process)

    return [Contestant("aiohttp", start, {"aiohttp": python_version(python, "aiohttp")})]
