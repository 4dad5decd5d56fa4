"""Fixtures that all integration tests share."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.channels import skip_others
from tests.integration.daemon import Daemon

StartDaemon = Callable[..., Daemon]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out, on another channel, what is about ours alone."""
    skip_others(items)


@pytest.fixture(scope="session", autouse=True)
def _heed_interrupts() -> None:
    """Let what tests start be interrupted: in the background a shell has all of it ignore that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def start_daemon(tmp_path: Path) -> Iterator[StartDaemon]:
    """Start daemons, each in a folder of its own; all are stopped in the end."""
    started: list[Daemon] = []

    def start(*flags: str, settings: str = "", reactor: str = "") -> Daemon:
        folder = tmp_path / f"daemon{len(started)}"
        folder.mkdir()
        daemon = Daemon(folder, *flags, settings=settings, reactor=reactor)
        started.append(daemon)
        return daemon.start()

    yield start
    for daemon in started:
        daemon.stop()
        assert "Traceback" not in daemon.log(), daemon.log()


@pytest.fixture
def daemon(start_daemon: StartDaemon) -> Daemon:
    """A daemon with default settings."""
    return start_daemon()
