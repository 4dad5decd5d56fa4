"""What all three clients mean by the arguments of `connect`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hangerd.client.core import Core
from hangerd.client.finding import Finder
from hangerd.client.pipes import Io

IDLE_EXIT: Final = 300.0
"""Seconds without use after which a daemon that a program started ends."""


@dataclass(frozen=True, slots=True)
class Spawning:
    """How a daemon is started that is not there."""

    idle_exit: float = IDLE_EXIT
    flags: Sequence[str] = ()


def make_core(
    io: Io,
    url: str | None,
    token: str | None,
    state_dir: str | Path | None,
    spawning: Spawning | None,
    ca: str | Path | None = None,
) -> Core:
    """Return the logic of a client whose daemon is there, or can be started. Raises Unreachable."""
    if spawning is None:
        return Core(io, Finder(os.environ, url, token, state_dir, ca=ca))
    from hangerd.client.spawning import Spawner

    spawner = Spawner(io, spawning.idle_exit, spawning.flags)
    return Core(io, Finder(os.environ, url, token, state_dir, spawner.start))
