"""Daemons that programs start: found by their state directory, and ended with a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from hangerd.client import HangerdError, connect
from tests.integration.watching import wait_until


def processes_of(folder: Path) -> list[psutil.Process]:
    """The daemons whose state is below a folder, and what they have started."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(word.startswith(f"--state-dir={folder}") for word in process.cmdline()):
                found += [process, *process.children(recursive=True)]
    return found


@contextmanager
def state_below(folder: Path) -> Iterator[Path]:
    """Let daemons be started with a state below this folder; in the end nothing is left of them."""
    yield folder
    for ready in folder.rglob("ready.json"):
        with suppress(HangerdError), connect(state_dir=ready.parent) as client:
            client.stop_daemon()
    try:
        wait_until(lambda: not processes_of(folder))
    finally:
        for process in processes_of(folder):
            with suppress(psutil.NoSuchProcess):
                process.kill()
