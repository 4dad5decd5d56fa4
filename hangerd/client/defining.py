"""What `client.js(...)` and `client.python(...)` define: a name and a spec, from what is given."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def js_host(
    path: str | Path, name: str | None, fields: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return the name and the spec of a Node host with a host.config.js."""
    whole = str(Path(path).absolute())
    return name or name_for(whole), {"kind": "js", "path": whole, **fields}


def python_host(
    source: str | Path, name: str | None, fields: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return the name and the spec of a Python host: a file (NAME.py, or a path) or a module.

    A module is looked for where the program itself was started.
    """
    text = os.fspath(source)
    if isinstance(source, Path) or text.endswith(".py") or "/" in text:
        whole = str(Path(text).absolute())
        return name or name_for(whole), {"kind": "python", "path": whole, **fields}
    spec = {"kind": "python", "module": text, "cwd": str(Path.cwd()), **fields}
    return name or name_for(f"{spec['cwd']}/{text}"), spec


def name_for(path: str) -> str:
    """Return a name that says what it is, and that no other path has."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", Path(path).name).strip("-._")[:40] or "host"
    return f"{stem}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}"
