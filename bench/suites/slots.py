"""Slots: opened, written and read, and thousands of reads that hang."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import psutil

from bench.contest import Case, Contest, Contestant, Goal, Measure, NotMeasured
from bench.figures import percentile
from bench.loads.slots import HANGER, cycles, held
from bench.options import HELD, Options
from bench.peers import aiohttp, piping
from bench.peers.hangerd import hangerd
from bench.peers.offer import Offer, gather
from bench.peers.slot_server import SlotServer, elsewhere
from bench.processes import cpu_seconds, memory, with_cost
from bench.wrk import Ask, wrk

OFFERS: Final = (
    Offer("aiohttp", aiohttp.contestants),
    Offer("piping-server", piping.contestants),
)
"""Those beside whom it is measured."""
_CONNECTIONS = 64
# The limits are for strangers; one client opens them all here.
_SETTINGS = """
[slots]
max_slots = 20_000_000
max_slots_per_client = 20_000_000
"""
_OPENED = Measure(
    f"open a slot, {_CONNECTIONS} connections", "1/s", higher=True, goal=Goal(2.0, "aiohttp")
)
_CYCLE = Measure("open, write, read, one connection", "1/s", higher=True, goal=Goal(2.0, "aiohttp"))

_OPEN_COST = Measure("processor time for each opened slot", "µs")
_CYCLE_COST = Measure("processor time for each of these", "µs")


def contest(options: Options) -> Contest[SlotServer]:
    """Give the suite."""
    peers, absent = gather(OFFERS, options.peers)
    if options.peer_url:
        peers.append(elsewhere(options.peer_url))
    about = (
        "aiohttp does what the Brython Runner's own hanger does, which looks once a second whether "
        "there is something to read."
    )
    contestants = [Contestant("hangerd", _hangerd), *peers]
    return Contest("slots", about, contestants, _cases(options), absent)


def _cases(options: Options) -> list[Case[SlotServer]]:
    number = f"{options.held:,} held reads"

    def goal(figure: float) -> Goal | None:
        """Judge that number alone of which the goals speak."""
        return Goal(figure) if options.held == HELD else None

    measures = [
        Measure(f"write to wake, {number}, p50", "ms", goal=goal(5.0)),
        Measure(f"write to wake, {number}, p99", "ms", goal=goal(25.0)),
        Measure("memory for each held read", "KiB", goal=goal(12.0)),
        Measure(f"processor while they wait, {number}", "% of a core"),
    ]
    return [
        Case(measures, lambda server: _held(server, options)),
        Case([_CYCLE, _CYCLE_COST], lambda server: _cycle(server, options.seconds)),
        Case([_OPENED, _OPEN_COST], lambda server: _open(server, options.seconds)),
    ]


@contextmanager
def _hangerd() -> Iterator[SlotServer]:
    with hangerd(_SETTINGS) as daemon:
        yield SlotServer(f"{daemon.url}/hanger", HANGER, daemon.process)


def _cycle(server: SlotServer, seconds: int) -> Sequence[float | None]:
    return with_cost(server.process, lambda: cycles(server.url, server.dialect, seconds))


def _open(server: SlotServer, seconds: int) -> Sequence[float | None]:
    if not server.dialect.open:
        raise NotMeasured("slots need not be opened")
    ask = Ask(server.url + server.dialect.open, "POST")
    return with_cost(server.process, lambda: wrk(ask, _CONNECTIONS, seconds).counted)


def _held(server: SlotServer, options: Options) -> Sequence[float | None]:
    """Give the wakes' p50 and p99, KiB for each read, and percent of a core."""
    process = server.process
    before = memory(process) if process else 0
    with held(server.url, server.dialect, options.held) as reads:
        time.sleep(1.0)  # what came with the reads is over
        each = (memory(process) - before) / options.held / 1024 if process else None
        idle = _idle_percent(process, options.seconds) if process else None
        wakes = reads.wakes(options.seconds)
    time.sleep(1.0)  # what thousands of ends cost is not the next load's
    return [percentile(wakes, 50), percentile(wakes, 99), each, idle]


def _idle_percent(process: psutil.Process, seconds: int) -> float:
    began, before = time.perf_counter(), cpu_seconds(process)
    time.sleep(seconds)
    used = cpu_seconds(process) - before
    return used / (time.perf_counter() - began) * 100
