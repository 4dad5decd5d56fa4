"""A document root whose scripts can be played, with the process-wide seams in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hangerd.scripts.routing import Routing
from tests.integration.scripts.running import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    routing = Routing()
    routing.install()
    stage = Stage(tmp_path)
    yield stage
    stage.close()
    routing.remove()
