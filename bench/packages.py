"""Peers from PyPI and npm, each in a place of its own under bench/.cache."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from bench.contest import NotMeasured

CACHE: Final = Path(__file__).with_name(".cache")
_LINES = 3


@cache
def venv(name: str, *requirements: str) -> Path:
    """Give the Python of a virtual environment with these packages. Raises NotMeasured."""
    folder = CACHE / name
    python, done = folder / "bin" / "python", folder / ".installed"
    if not done.exists() or done.read_text() != repr(requirements):
        _run([sys.executable, "-m", "venv", "--clear", str(folder)], name)
        _run([str(python), "-m", "pip", "install", "--quiet", *requirements], name)
        done.write_text(repr(requirements))
    return python


@cache
def node_modules(name: str, *requirements: str) -> Path:
    """Give a folder node_modules with these packages. Raises NotMeasured."""
    folder = CACHE / name
    done = folder / ".installed"
    if not (npm := shutil.which("npm")) or not shutil.which("node"):
        raise NotMeasured("it needs Node and npm")
    if not done.exists() or done.read_text() != repr(requirements):
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
        _run([npm, "install", *quiet, *requirements], name)
        done.write_text(repr(requirements))
    return folder / "node_modules"


def python_version(python: Path, package: str) -> str:
    """Give the version of a package that a Python has."""
    told = f"from importlib.metadata import version; print(version({package!r}))"
    return _run([str(python), "-c", told], package).strip()


def node_version(modules: Path, package: str) -> str:
    """Give the version of a package in a folder node_modules."""
    found: str = json.loads((modules / package / "package.json").read_text())["version"]
    return found


def _run(command: Sequence[str], name: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-_LINES:]
        raise NotMeasured(f"{name} could not be installed: {' / '.join(said)}")
    return done.stdout
