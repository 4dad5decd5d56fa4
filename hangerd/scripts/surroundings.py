"""What all runs of one document root have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hangerd.scripts.extensions import Extensions
from hangerd.scripts.loop import ScriptLoop
from hangerd.scripts.shared import Globals
from hangerd.scripts.sources import Sources


@dataclass(frozen=True)
class Shared:
    """Made once, with the service."""

    sources: Sources
    extensions: Extensions
    loop: ScriptLoop
    globals: Globals
    extras: Mapping[str, Any]  # further names for `from hangerd import ...`
