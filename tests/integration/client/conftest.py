"""Fixtures of the client's tests: a daemon, and a client of it that calls this Python's hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hangerd.client import Client, Host, connect
from tests.integration.daemon import Daemon

WORK = """
import os, time
def echo(x=None): return x
def pid(): return os.getpid()
def slow(seconds):
    time.sleep(seconds)
    return seconds
def count(n):
    for i in range(n): yield i
def forever():
    while True: time.sleep(0.01)
def boom(): raise LookupError("no such thing")
def die(): os._exit(3)
def say(text): print(text, flush=True)
def keywords(**given): return given
"""


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One daemon for all tests here: they name their hosts after their own folders."""
    daemon = Daemon(tmp_path_factory.mktemp("daemon")).start()
    yield daemon
    daemon.stop()
    assert "Traceback" not in daemon.log(), daemon.log()


@pytest.fixture
def client(daemon: Daemon) -> Iterator[Client]:
    with connect(state_dir=daemon.state_dir) as client:
        yield client


@pytest.fixture
def work_file(tmp_path: Path) -> Path:
    path = tmp_path / "work.py"
    path.write_text(WORK)
    return path


@pytest.fixture
def work(client: Client, work_file: Path) -> Iterator[Host]:
    """A host with small functions, over frames."""
    host = client.python(work_file, threads=4)
    yield host
    if host.name in client.hosts():
        host.remove()


@pytest.fixture(params=["door", "direct", "http"])
def any_work(request: pytest.FixtureRequest, daemon: Daemon, work: Host) -> Iterator[Host]:
    """The same host, by each way to call it."""
    if request.param == "http":
        with connect(daemon.url, daemon.token) as remote:
            yield remote.host(work.name)
    else:
        with connect(state_dir=daemon.state_dir) as local:
            yield local.host(work.name, direct=request.param == "direct")
