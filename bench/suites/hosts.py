"""Hosts: functions of Node and of Python, called by each way, beside js-host, bgpy and RPyC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from bench.contest import Case, Contest, Goal, Measure, NotMeasured
from bench.options import Options
from bench.peers import hangerd_hosts, js_host, python_functions
from bench.peers.function_server import FunctionServer, elsewhere
from bench.peers.offer import Offer, gather
from bench.processes import memory, memory_of_children, on_both_cores
from bench.wrk import wrk
from hangerd.web.hosts.calls import CALL_LIMIT

NODE: Final = (
    Offer("js-host", js_host.contestants),
    Offer("python-js-host", js_host.client),
)
"""Those beside whom js hosts are measured."""
PYTHON: Final = (Offer("bgpy", python_functions.bgpy), Offer("RPyC", python_functions.rpyc))
"""Those beside whom Python hosts are measured."""
_CONNECTIONS: Final = 32
_ITEMS: Final = 1000
_CALLS: Final = 500
_REMARKS: Final = (
    "HTTP goes through the daemon, framed too, by its Unix socket; direct goes straight to the "
    "host's process. The daemon and its host share the server's core.",
    "A host of Python has one thread; 32 where functions wait or are late.",
    "Cold start is from a call to its value; of peers it is the time until they listen.",
    "Where functions compute, the server has both cores; the load waits.",
    f"hangerd takes at most {CALL_LIMIT >> 20} MiB as the body of a call over HTTP.",
    "Memory is resident memory; what processes share is counted in each. Of three hosts that are "
    "defined one has been called by then.",
)
_ENOUGH: Final = 5
_SHORT: Final = (
    f"A load of less than {_ENOUGH} s has fewer than 5,000 calls where each takes long: of "
    f"10 ms, of 50 ms, of 1 MB. --seconds {_ENOUGH} gives them their time."
)


def node(options: Options) -> Contest[FunctionServer]:
    """Give the suite of js hosts."""
    goal = Goal(2.0, "js-host")
    return _contest("hosts-node", "js", NODE, options, _cases(options, crowd=goal))


def python(options: Options) -> Contest[FunctionServer]:
    """Give the suite of Python hosts."""
    goal = Goal(300.0, "bgpy")
    return _contest("hosts-python", "python", PYTHON, options, _cases(options, single=goal))


def _contest(
    name: str,
    kind: str,
    offers: Sequence[Offer[FunctionServer]],
    options: Options,
    cases: list[Case[FunctionServer]],
) -> Contest[FunctionServer]:
    peers, absent = gather(offers, options.peers)
    if options.peer_url:
        peers.append(elsewhere(options.peer_url))
    about = f"The same functions in each ({'Node' if kind == 'js' else 'Python'})."
    contestants = [*hangerd_hosts.contestants(kind), *peers]
    remarks = (*_REMARKS, _SHORT) if options.seconds < _ENOUGH else _REMARKS
    return Contest(name, about, contestants, cases, absent, remarks)


def _cases(
    options: Options, *, single: Goal | None = None, crowd: Goal | None = None
) -> list[Case[FunctionServer]]:
    seconds = options.seconds
    return [
        Case([Measure("cold start to first value", "ms")], _cold),
        _echo("20 B", 20, seconds, single),
        _echo("1 KB", 1000, seconds),
        Case(
            _rate_and_p99(f"calls, {_CONNECTIONS} connections", crowd),
            lambda server: _by_wrk(server, seconds),
        ),
        Case(
            [
                Measure("memory after these calls, server and host", "MB"),
                Measure("memory after these calls, the process of the functions", "MB"),
            ],
            _memory,
        ),
        _echo("1 MB", 1_000_000, seconds),
        Case(
            [Measure("echo 50 MB", "ms")],
            lambda server: server.run("steady", size=50_000_000, seconds=0)[:1],
        ),
        *(_pauses(callers, seconds) for callers in (1, 8, 32)),
        *(_computing(callers, pool, seconds) for pool in (1, 2) for callers in (1, 8)),
        Case(
            [
                Measure(f"stream of {_ITEMS:,}, first item", "ms"),
                Measure(f"stream of {_ITEMS:,}, all", "ms"),
            ],
            _load("streamed", items=_ITEMS),
        ),
        Case(
            [
                Measure(f"wrong answers of {_CALLS} calls, 5 % late", "calls", goal=Goal(0.0)),
                Measure(f"{_CALLS} calls, 5 % of them late", "s"),
            ],
            _beside("deadlines", calls=_CALLS, callers=8),
        ),
        Case([Measure("kill -9 to next good call", "ms")], _killed),
    ]


def _load(name: str, **parameters: Any) -> Callable[[FunctionServer], Sequence[float]]:
    return lambda server: server.run(name, **parameters)


def _beside(name: str, **parameters: Any) -> Callable[[FunctionServer], Sequence[float]]:
    return lambda server: server.run(name, server.crowd, **parameters)


def _echo(size: str, count: int, seconds: int, goal: Goal | None = None) -> Case[FunctionServer]:
    return Case(
        [
            Measure(f"echo {size}, p50", "ms"),
            Measure(f"echo {size}, p99", "ms"),
            Measure(f"echo {size}, one caller", "1/s", higher=True, goal=goal),
        ],
        _load("steady", size=count, seconds=seconds),
    )


def _rate_and_p99(title: str, goal: Goal | None = None) -> list[Measure]:
    return [Measure(title, "1/s", higher=True, goal=goal), Measure(f"{title}, p99", "ms")]


def _pauses(callers: int, seconds: int) -> Case[FunctionServer]:
    title = f"functions that wait 10 ms, {callers} callers"
    return Case(
        _rate_and_p99(title),
        _beside("crowd", callers=callers, function="pause", ms=10, seconds=seconds),
    )


def _computing(callers: int, pool: int, seconds: int) -> Case[FunctionServer]:
    def run(server: FunctionServer) -> Sequence[float]:
        where = server.where if pool == 1 else server.pools.get(pool)
        if where is None or server.process is None:
            raise NotMeasured("it has one process")
        load = {"callers": callers, "function": "compute", "ms": 50, "seconds": seconds}
        server.run("crowd", where, **{**load, "seconds": 0.1})  # all processes are there
        with on_both_cores(server.process):
            return server.run("crowd", where, **load)

    title = f"functions that compute 50 ms, {callers} callers, {pool} processes"
    return Case(_rate_and_p99(title), run)


def _by_wrk(server: FunctionServer, seconds: int) -> Sequence[float]:
    if server.http is None:
        raise NotMeasured("the load generator speaks HTTP")
    said = wrk(server.http, _CONNECTIONS, seconds)
    return [said.rate, said.p99]


def _memory(server: FunctionServer) -> Sequence[float]:
    if server.process is None:
        raise NotMeasured("the memory of a server elsewhere is not seen")
    server.run("steady", size=1000, seconds=0)  # the functions' process is there
    return [memory(server.process) / 1e6, memory_of_children(server.process) / 1e6]


def _cold(server: FunctionServer) -> Sequence[float]:
    return [server.listening] if server.listening is not None else server.run("cold")


def _killed(server: FunctionServer) -> Sequence[float]:
    if server.listening is not None or server.process is None:
        raise NotMeasured("nothing starts it again")
    return server.run("killed")
