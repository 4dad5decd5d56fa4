"""A server that has slots, as its peers give it to the suite; and one that runs elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from bench.contest import Contestant
from bench.loads.slots import HANGER, Dialect


@dataclass(frozen=True)
class SlotServer:
    """`url` is where its slots are; `process` is None for one that is not ours to watch."""

    url: str
    dialect: Dialect
    process: psutil.Process | None


def elsewhere(url: str) -> Contestant[SlotServer]:
    """Give a server that runs already."""

    @contextmanager
    def start() -> Iterator[SlotServer]:
        yield SlotServer(url.rstrip("/"), HANGER, None)

    return Contestant(url, start)
