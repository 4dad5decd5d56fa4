"""A document root whose scripts can be played, with the process-wide seams in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hangerd.scripts.routing import Routing
from tests.integration.parts import bound
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
    """A daemon with five threads for scripts."""
    with served(tmp_path, 5) as site:
        yield site


@pytest.fixture
def wide_site(tmp_path: Path) -> Iterator[Site]:
    """One with as many threads as there are by default."""
    with served(tmp_path, 32) as site:
        yield site


@contextmanager
def served(folder: Path, threads: int) -> Iterator[Site]:
    """Serve an empty folder; in the end the daemon stops in time, whatever its scripts do."""
    (root := folder / "site").mkdir()
    (own := folder / "daemon").mkdir()
    site = Site(own, root, threads)
    site.start()
    yield site
    assert site.stop() < bound(6)
