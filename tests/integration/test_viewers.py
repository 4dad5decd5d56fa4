"""Many who look at the dashboard while nothing happens cost next to nothing."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.http import Connection
from tests.integration.parts import WHOLE, scale
from tests.integration.test_load import processor_seconds
from tests.integration.watching import counts

pytestmark = pytest.mark.soak
HOST = '[hosts.counter]\nkind = "command"\nargv = ["sleep", "1000"]\nautostart = true\n'


@pytest.mark.timeout(300)
def test_idle_viewers_are_cheap(start_daemon: StartDaemon) -> None:
    """1,000 at full scale: below 5 % of a core, each one having been told the same."""
    number = scale(1000)
    daemon = start_daemon(settings=f"[http]\nmax_admin_connections = {number + 10}\n{HOST}")
    port = int(daemon.admin_url.rsplit(":", 1)[1])
    with ExitStack() as stack:
        viewers = [stack.enter_context(Connection(port)) for _ in range(number)]
        for viewer in viewers:
            viewer.send("GET", "/-/feed", Authorization=f"Bearer {daemon.token}")
        for viewer in viewers:
            viewer.read_until(b"event: picture\n")
        assert counts(daemon)["connections"] >= number
        if WHOLE:
            used, began = processor_seconds(daemon), time.monotonic()
            for viewer in viewers:  # two signs of life, 15 seconds apart
                for _ in range(2):
                    viewer.read_until(b"event: beat\n")
            share = (processor_seconds(daemon) - used) / (time.monotonic() - began)
            print(f"{number} idle viewers: {share:.2%} of a core")
            assert share < 0.05
        with Connection(daemon.port) as writer:
            writer.ask("POST", "/hanger/open/")
        for viewer in viewers:
            viewer.read_until(b'"changed":{"slots":')
