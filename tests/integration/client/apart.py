"""A loop in a thread of its own: in the main thread the browsers' tests keep one that runs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def run_apart(work: Coroutine[Any, Any, None], seconds: float = 60.0) -> None:
    """Do what `asyncio.run` does, wherever the caller is, and give up after so long."""

    async def bounded() -> None:
        await asyncio.wait_for(work, seconds)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, bounded()).result()
