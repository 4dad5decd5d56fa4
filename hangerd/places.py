"""Where a daemon keeps what outlives it, and where it says how it can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

READY_NAME: Final = "ready.json"
"""In the state directory while a daemon is ready: its pid, addresses, and its token's file."""

LOCK_NAME: Final = "lock"
"""In the state directory; locked as long as a daemon runs."""

LOG_NAME: Final = "hangerd.log"
"""In the state directory: the log of a daemon that a program started."""


def default_state_dir(environ: Mapping[str, str]) -> Path:
    """Where systemd says (`$STATE_DIRECTORY`), else where the XDG base directories say."""
    if given := environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    base = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME", "/")) / ".local" / "state"
    return Path(base) / "hangerd"
