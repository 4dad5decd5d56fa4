"""piping-server from npm: a request that reads hangs until another one writes the same path."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.contest import Contestant
from bench.loads.slots import PIPING
from bench.packages import node_modules, node_version
from bench.peers.slot_server import SlotServer
from bench.processes import free_port, listens, server, wait_until


def contestants() -> list[Contestant[SlotServer]]:
    """Install it. Raises NotMeasured."""
    modules = node_modules("piping-server", "piping-server")

    @contextmanager
    def start() -> Iterator[SlotServer]:
        port = free_port()
        command: list[object] = [shutil.which("node") or "node", modules / ".bin" / "piping-server"]
        with tempfile.TemporaryDirectory() as name:
            log = Path(name) / "log"
            with server([*command, "--http-port", str(port)], log) as process:
                wait_until(lambda: listens(port), process, log)
                yield SlotServer(f"http://127.0.0.1:{port}", PIPING, process)

    found = node_version(modules, "piping-server")
    return [Contestant("piping-server", start, {"piping-server": found})]
