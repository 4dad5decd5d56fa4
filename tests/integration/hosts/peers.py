"""What hangerd stands in for, unmodified: installed by make in a place of its own, or missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.integration.parts import ROOT, require_file

PEERS = ROOT / "tests" / "integration" / "peers"


def peers_python() -> Path:
    """A Python that has bgpy, and js-host where that imports."""
    venv = PEERS / ".venv"
    require_file(venv / ".installed", "make tests/integration/peers/.venv/.installed")
    return venv / "bin" / "python"


def python_js_host() -> Path:
    """The Python that has js-host 0.2.0."""
    if sys.version_info >= (3, 12):
        pytest.skip("js-host 0.2.0 imports distutils, which Python 3.12 and later do not have")
    return peers_python()


def npm_js_host() -> Path:
    """The folder of npm's js-host 0.12.0."""
    return require_file(
        PEERS / "node_modules" / "js-host", f"npm ci --prefix {PEERS.relative_to(ROOT)}"
    )
