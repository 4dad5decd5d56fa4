"""Find processes by a mark in their environment, whoever their parent is by now."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.task import deferLater

from tests.integration.parts import bound

Test = TypeVar("Test", bound=Callable[..., object])
in_reactor: Callable[[Test], Test] = pytest_twisted.ensureDeferred  # with its type said

MARK = "HANGERD_TEST_FAMILY"


def marked(mark: str) -> set[int]:
    """Return the living processes with this mark."""
    wanted = f"{MARK}={mark}".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environ = (entry / "environ").read_bytes().split(b"\0")
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if wanted in environ and state != "Z":
                found.add(int(entry.name))
    return found


async def until(true: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until a condition holds, within `bound(seconds)`; return after how many it did."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > bound(seconds):
            raise AssertionError(f"not within {seconds:g} s: {what}")
        await deferLater(reactor, 0.01)
    return time.monotonic() - began
