"""What `client.js(...)` and `client.python(...)` define: a name and a spec, from what is given."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Given = str | Path | Sequence[Callable[..., Any]]
"""A file (NAME.py, or a path), a module by its name, or functions to be sent there."""

Functions = Mapping[str, Callable[..., Any]]
Defined = tuple[str, dict[str, Any], Functions]
"""The name of a host, its spec, and the functions that are sent with each call of them."""


def js_host(path: str | Path, name: str | None, fields: Mapping[str, Any]) -> Defined:
    """Return what a Node host with a host.config.js is."""
    whole = str(Path(path).absolute())
    return name or name_for(whole), {"kind": "js", "path": whole, **fields}, {}


def python_host(source: Given, name: str | None, fields: Mapping[str, Any]) -> Defined:
    """Return what a Python host is. Modules are looked for where the program was started."""
    if not isinstance(source, str | Path):
        functions = {function.__name__: function for function in source}
        spec = {**_module("hangerd.hosts.sent"), "pickle": True, **fields}
        return name or name_for(f"{spec['cwd']}/functions"), spec, functions
    text = os.fspath(source)
    if isinstance(source, Path) or text.endswith(".py") or "/" in text:
        whole = str(Path(text).absolute())
        return name or name_for(whole), {"kind": "python", "path": whole, **fields}, {}
    spec = {**_module(text), **fields}
    return name or name_for(f"{spec['cwd']}/{text}"), spec, {}


def _module(name: str) -> dict[str, Any]:
    return {"kind": "python", "module": name, "cwd": str(Path.cwd())}


def name_for(path: str) -> str:
    """Return a name that says what it is, and that no other path has."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", Path(path).name).strip("-._")[:40] or "host"
    return f"{stem}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}"
