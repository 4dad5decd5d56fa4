"""A document root whose scripts can be played, with the process-wide seams in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hangerd.scripts.routing import Routing
from tests.integration.scripts.running import Stage
from tests.integration.scripts.site import Site


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    routing = Routing()
    routing.install()
    stage = Stage(tmp_path)
    yield stage
    stage.close()
    routing.remove()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (root := tmp_path / "site").mkdir()
    (folder := tmp_path / "daemon").mkdir()
    site = Site(folder, root)
    site.start()
    yield site
    assert site.stop() < 6
