"""A hosts service of its own for each test, which must leave nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_twisted
from twisted.internet import reactor

from hangerd.hosts.sending import Reading
from hangerd.hosts.service import HostsService, around_reactor
from tests.integration.hosts.bench import Bench
from tests.integration.hosts.family import marked


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Hosts in this process, below `tmp_path`."""
    around = around_reactor(reactor, tmp_path / "state", tmp_path / "run", Reading())
    service = HostsService(around, tmp_path / "state")
    service.startService()
    made = Bench(service, tmp_path)
    yield made
    await service.stopService()
    assert marked(made.mark) == set()
