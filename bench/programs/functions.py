"""The functions that Python hosts are measured by."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator


def echo(text: str) -> str:
    """Give the text."""
    return text


async def pause(ms: float, text: str) -> str:
    """Give the text after some milliseconds."""
    await asyncio.sleep(ms / 1000)
    return text


def compute(ms: float, text: str = "") -> str:
    """Use some milliseconds of processor time."""
    end = time.thread_time() + ms / 1000
    while time.thread_time() < end:
        pass
    return "done"


def count(items: int) -> Iterator[int]:
    """Give numbers, one after another."""
    yield from range(items)


def process() -> str:
    """Name the process."""
    return str(os.getpid())
