"""Servers as processes on a core of their own: started, watched, and ended with all of theirs."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from bench.contest import NotMeasured

SERVER_CORES: Final = frozenset({1})
"""Where servers run; the load runs on core 0."""
BOTH_CORES: Final = frozenset({0, 1})
_START_SECONDS: Final = 20.0


def require_two_cores() -> None:
    """Keep this process, the load, on core 0. Raises SystemExit where there is only one core."""
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("bench: two cores are needed, one for the server and one for the load")
    os.sched_setaffinity(0, {0})


@contextmanager
def server(
    command: Sequence[object],
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[psutil.Popen]:
    """Run a server in a context; in the end it is gone, with all its descendants."""
    pinned = ["taskset", "-c", ",".join(map(str, sorted(SERVER_CORES))), *map(str, command)]
    with log.open("ab") as out:
        process = psutil.Popen(
            pinned,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
        try:
            yield process
        finally:
            _end(process)


def wait_until(ready: Callable[[], bool], process: psutil.Popen, log: Path) -> float:
    """Wait until a server is ready; give for how many milliseconds.

    Raises NotMeasured with its log when it does not get so.
    """
    began = time.monotonic()
    deadline = began + _START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotMeasured(f"did not start: {log.read_text(errors='replace')[-300:].strip()}")
        time.sleep(0.005)
    return (time.monotonic() - began) * 1e3


def listens(port: int) -> bool:
    """Whether somebody takes connections at a port of this machine."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def free_port() -> int:
    """Give a port that was free just now, for servers that can not choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def on_both_cores(process: psutil.Process) -> Iterator[None]:
    """Let a server and its children use the load's core too, for the length of a context."""
    _pin(process, BOTH_CORES)
    try:
        yield
    finally:
        _pin(process, SERVER_CORES)


def _pin(process: psutil.Process, cores: frozenset[int]) -> None:
    for each in _tree(process):
        for thread in each.threads():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(thread.id, cores)


def cpu_seconds(process: psutil.Process) -> float:
    """Give the processor time that a server and its children have used, in seconds."""
    times = [each.cpu_times() for each in _tree(process)]
    return float(sum(each.user + each.system for each in times))


def with_cost(
    process: psutil.Process | None, work: Callable[[], tuple[float, int]]
) -> tuple[float, float | None]:
    """Give the rate that `work` gives with a count, and a server's microseconds for each of these.

    On a busy machine the processor's time tells servers apart when rates do not. None: not ours.
    """
    before = cpu_seconds(process) if process else 0.0
    rate, count = work()
    return rate, (cpu_seconds(process) - before) / count * 1e6 if process else None


def memory(process: psutil.Process) -> int:
    """Give the resident memory of a server and its children, in bytes."""
    return sum(each.memory_info().rss for each in _tree(process))


def memory_of_children(process: psutil.Process) -> int:
    """Give that of its children alone, in bytes; of a server without any its own."""
    alone: int = process.memory_info().rss
    return memory(process) - alone or alone


def peak_memory(process: psutil.Process) -> int:
    """Give the largest resident memory since `forget_peak`, in bytes."""
    return sum(_status(each.pid, "VmHWM:") for each in _tree(process))


def forget_peak(process: psutil.Process) -> None:
    """Let the peaks begin anew."""
    for each in _tree(process):
        Path(f"/proc/{each.pid}/clear_refs").write_text("5")


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _status(pid: int, key: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))


def _end(process: psutil.Popen) -> None:
    with suppress(psutil.NoSuchProcess):
        tree = _tree(process)
        process.terminate()
        with suppress(psutil.TimeoutExpired):
            process.wait(6)
        for each in tree:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    process.wait()
