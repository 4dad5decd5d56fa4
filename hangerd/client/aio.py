"""The client for asyncio: `client = await connect()`, with the names of `hangerd.client`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hangerd.client.asyncio_pipes import AsyncioIo
from hangerd.client.awaiting import Client, Host, Lease, Slot
from hangerd.client.connecting import IDLE_EXIT, Spawning, make_core

__all__ = ["Client", "Host", "Lease", "Slot", "connect"]


async def connect(
    url: str | None = None,
    token: str | None = None,
    *,
    state_dir: str | Path | None = None,
    spawn: bool = False,
    idle_exit: float = IDLE_EXIT,
    flags: Sequence[str] = (),
    ca: str | Path | None = None,
) -> Client:
    """Find the daemon, or start it; as `hangerd.client.connect`. Use it in this loop alone.

    Raises Unreachable (StartFailed), NotAllowed.
    """
    spawning = Spawning(idle_exit, flags) if spawn else None
    core = make_core(AsyncioIo(), url, token, state_dir, spawning, ca)
    await core.begin()
    return Client(core)
