"""The unit tests of the Node runner's pure parts, which Node itself runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import tests.hosts.runners
from tests.integration.hosts.runners.conftest import node

UNITS = sorted((Path(tests.hosts.runners.__file__).parent / "node").glob("*.test.js"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units(unit: Path) -> None:
    done = subprocess.run(
        [node(), "--test", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "\n# pass 0\n" not in done.stdout
