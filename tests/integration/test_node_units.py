"""The unit tests of what is pure in our JavaScript, which Node itself runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.integration.hosts.runners.conftest import node
from tests.integration.parts import ROOT

UNITS = sorted((ROOT / "tests").rglob("*.test.*js"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units(unit: Path) -> None:
    done = subprocess.run(
        [node(), "--test", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "\n# pass 0\n" not in done.stdout
