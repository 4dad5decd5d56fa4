"""Slots: opened, written and read, and thousands of reads that hang."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.contest import Case, Contest, Contestant, Goal, Measure, NotMeasured
from bench.figures import percentile
from bench.loads.slots import HANGER, cycles, held
from bench.options import Options
from bench.peers import aiohttp, piping
from bench.peers.hangerd import hangerd
from bench.peers.offer import Offer, gather
from bench.peers.slot_server import SlotServer, elsewhere
from bench.processes import cpu_seconds, memory
from bench.wrk import Ask, wrk

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

_CYCLE_COST = Measure("processor time for each of these", "µs")


def contest(options: Options) -> Contest[SlotServer]:
    """Give the suite."""
    peers, absent = gather(
        [Offer("aiohttp", aiohttp.contestants), Offer("piping-server", piping.contestants)],
        options.peers,
    )
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
    measures = [
        Measure(f"write to wake, {number}, p50", "ms", goal=Goal(5.0)),
        Measure(f"write to wake, {number}, p99", "ms", goal=Goal(25.0)),
        Measure("memory for each held read", "KiB", goal=Goal(12.0)),
        Measure(f"processor while they wait, {number}", "% of a core"),
    ]
    return [
        Case(measures, lambda server: _held(server, options)),
        Case([_CYCLE, _CYCLE_COST], lambda server: _cycle(server, options.seconds)),
        Case([_OPENED], lambda server: _open(server, options.seconds)),
    ]


@contextmanager
def _hangerd() -> Iterator[SlotServer]:
    with hangerd(_SETTINGS) as daemon:
        yield SlotServer(f"{daemon.url}/hanger", HANGER, daemon.process)


def _cycle(server: SlotServer, seconds: int) -> Sequence[float]:
    before = cpu_seconds(server.process) if server.process else 0.0
    rate, done = cycles(server.url, server.dialect, seconds)
    if not server.process:
        raise NotMeasured("the processor of a server elsewhere is not seen")
    return [rate, (cpu_seconds(server.process) - before) / done * 1e6]


def _open(server: SlotServer, seconds: int) -> Sequence[float]:
    if not server.dialect.open:
        raise NotMeasured("slots need not be opened")
    return [wrk(Ask(server.url + server.dialect.open, "POST"), _CONNECTIONS, seconds).rate]


def _held(server: SlotServer, options: Options) -> Sequence[float]:
    """Give the wakes' p50 and p99, KiB for each read, and percent of a core."""
    process = server.process
    before = memory(process) if process else 0
    with held(server.url, server.dialect, options.held) as reads:
        time.sleep(1.0)  # what came with the reads is over
        if not process:
            raise NotMeasured("memory and processor of a server elsewhere are not seen")
        each = (memory(process) - before) / options.held / 1024
        idle = _idle_percent(server, options.seconds)
        wakes = reads.wakes(options.seconds)
    return [percentile(wakes, 50), percentile(wakes, 99), each, idle]


def _idle_percent(server: SlotServer, seconds: int) -> float:
    assert server.process
    began, before = time.perf_counter(), cpu_seconds(server.process)
    time.sleep(seconds)
    used = cpu_seconds(server.process) - before
    return used / (time.perf_counter() - began) * 100
