"""The real parts that tests need: found, or the test is skipped by name (in CI it fails)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def require(program: str, *others: str) -> str:
    """The path of a program, by the first of its names that is there."""
    for name in (program, *others):
        if found := shutil.which(name):
            return found
    return missing(program)


def require_file(path: Path, remedy: str) -> Path:
    """A file that another program has put there."""
    if not path.exists():
        missing(f"{path.relative_to(ROOT)} ({remedy})")
    return path


def missing(what: str) -> str:
    """Skip for want of something; fail where everything must be there."""
    if os.environ.get("HANGERD_REQUIRE_PARTS"):
        pytest.fail(f"{what} is not installed, and HANGERD_REQUIRE_PARTS is set")
    pytest.skip(f"{what} is not installed")


# Whether this is `make soak`: everything at full scale, on a machine that does nothing else.
WHOLE = bool(os.environ.get("HANGERD_SOAK"))


def scale(whole: int) -> int:
    """How often to do what full scale does `whole` times: a tenth of it outside `make soak`."""
    return whole if WHOLE else max(1, whole // 10)


def bound(promised: float, generous: float = 30.0) -> float:
    """How long something may take: what is promised, and more (seconds) beside other tests."""
    return promised if WHOLE else max(promised, generous)
