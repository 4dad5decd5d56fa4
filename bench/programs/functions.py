"""The functions that Python hosts are measured by."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from typing import Any


def echo(data: dict[str, Any]) -> str:
    """Give the text."""
    return str(data["text"])


async def pause(data: dict[str, Any]) -> str:
    """Give the text after some milliseconds."""
    await asyncio.sleep(data["ms"] / 1000)
    return str(data["text"])


def compute(data: dict[str, Any]) -> str:
    """Use some milliseconds of processor time."""
    end = time.thread_time() + data["ms"] / 1000
    while time.thread_time() < end:
        pass
    return "done"


def count(data: dict[str, Any]) -> Iterator[int]:
    """Give numbers, one after another."""
    yield from range(data["items"])


def process(data: dict[str, Any]) -> str:
    """Name the process."""
    return str(os.getpid())
