"""Watching a daemon from outside: what it holds, and waiting until that is so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.integration.daemon import Daemon
from tests.integration.http import Connection


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.01)


def counts(daemon: Daemon) -> dict[str, int]:
    """What the daemon holds, by its own account."""
    with Connection(int(daemon.admin_url.rsplit(":", 1)[1])) as admin:
        told: dict[str, int] = admin.ask(
            "GET", "/-/slots", Authorization=f"Bearer {daemon.token}"
        ).json
        return told


def wait_for_counts(daemon: Daemon, **expected: int) -> None:
    """Wait until the daemon holds just so much."""
    wait_until(lambda: counts(daemon).items() >= expected.items())


@contextmanager
def held_reads(daemon: Daemon, number: int) -> Iterator[dict[str, Connection]]:
    """Hold so many reads, each on a connection of its own, by token."""
    with ExitStack() as stack:
        opener = stack.enter_context(Connection(daemon.port))
        readers = {}
        for _ in range(number):
            token = opener.ask("POST", "/hanger/open/").text
            readers[token] = reader = stack.enter_context(Connection(daemon.port))
            reader.send("POST", f"/hanger/{token}/read/")
        wait_for_counts(daemon, waiting=number)
        yield readers
