"""Scripts: pages a second, first prints, many at once, large output, static files, who leaves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from bench import site
from bench.contest import Case, Contest, Goal, Measure, NotMeasured
from bench.figures import percentile
from bench.loads import pages
from bench.options import Options
from bench.peers import hangerd_scripts, httpout
from bench.peers.httpout import THREADS
from bench.peers.offer import Offer, gather
from bench.peers.page_server import PageServer, elsewhere
from bench.processes import forget_peak, memory, peak_memory, with_cost
from bench.wrk import Ask, Said, wrk

OFFERS: Final = (Offer("httpout", httpout.contestants),)
"""Those beside whom it is measured."""
_REMARKS: Final = (
    f"{THREADS} threads each. httpout's own limit of 1 MiB/s for each visitor is lifted.",
    "A slow visitor, with a window of some 20 kB, takes 20 kB a second for a minute, and then what "
    "there is: short prints come to their end at that pace, 50 MB would take 42 minutes.",
    "What arrives is measured in one round, sleepers and memory of blocked scripts in two.",
    "Times of pages with a connection each do not include its opening.",
    "Crash isolation (one script of many calls os.abort) is not measured: a mode that runs scripts "
    "in processes does not exist, and with threads such a script ends the whole server in both.",
    "Memory of blocked scripts is that of threads, for the same reason.",
)
_CROWDS: Final = (1, 10, 50, 200)
_TWICE: Final = Goal(2.0, "httpout")


def contest(options: Options) -> Contest[PageServer]:
    """Give the suite."""
    peers, absent = gather(OFFERS, options.peers)
    if options.peer_url:
        peers.append(elsewhere(options.peer_url))
    about = "The same folder of scripts and files, which bench/site.py writes."
    contestants = [hangerd_scripts.contestant(), *peers]
    return Contest("scripts", about, contestants, _cases(options.seconds), absent, _REMARKS)


def _cases(seconds: int) -> list[Case[PageServer]]:
    return [
        *(_hello(connections, seconds) for connections in _CROWDS),
        *(_hello_anew(visitors, seconds) for visitors in _CROWDS),
        Case(
            [
                Measure("first print, p50", "ms", goal=Goal(1.0, "httpout")),
                Measure("first print, p99", "ms"),
            ],
            _first,
        ),
        Case([Measure("gap of prints each 20 ms, off by (p99)", "ms")], _jitter),
        _rate(
            f"script that imports {site.MODULES} modules, 10 connections",
            "/modules.py",
            seconds,
            Goal(3.0, "httpout"),
        ),
        _rate("static file of 6 bytes, 10 connections", "/six.txt", seconds),
        _rate("static file of 1 MiB, 10 connections", "/megabyte.bin", seconds),
        _rate("range of 100 bytes of 1 GiB", "/gigabyte.bin", seconds, Range="bytes=1000-1099"),
        _not_modified(seconds),
        Case([Measure("static file of 1 GiB", "MB/s", higher=True)], _gigabyte),
        Case([Measure(f"{THREADS} scripts that sleep 1 s at once", "s")], _sleepers, most=2),
        Case([Measure("visitor leaves, until the script knows", "ms")], _notice),
        Case([Measure("limit of a script, until its thread is used again", "ms")], _reuse),
        *(_blocked(number) for number in (10, 100, 500)),
        *_deliveries(),  # at last: not every server is well after them
    ]


def _ask(server: PageServer, path: str, connections: int, seconds: int, **headers: str) -> Said:
    return wrk(Ask(server.url + path, headers=headers), connections, seconds)


def _hello(connections: int, seconds: int) -> Case[PageServer]:
    title = f"hello.py, {connections} connections"
    goal = _TWICE if connections in {10, 50} else None
    return _pages(title, connections, seconds, goal)


def _hello_anew(visitors: int, seconds: int) -> Case[PageServer]:
    title = f"hello.py, {visitors} visitors, a connection for each page"
    return _pages(title, visitors, seconds, Connection="close")


def _pages(
    title: str, connections: int, seconds: int, goal: Goal | None = None, **headers: str
) -> Case[PageServer]:
    def run(server: PageServer) -> Sequence[float | None]:
        said: list[Said] = []

        def work() -> tuple[float, int]:
            said.append(_ask(server, "/hello.py", connections, seconds, **headers))
            return said[0].counted

        rate, each = with_cost(server.process, work)
        return [rate, said[0].p50, said[0].p99, each]

    return Case(
        [
            Measure(title, "1/s", higher=True, goal=goal),
            Measure(f"{title}, p50", "ms"),
            Measure(f"{title}, p99", "ms"),
            Measure(f"{title}, processor time for each", "µs"),
        ],
        run,
    )


def _rate(
    title: str,
    path: str,
    seconds: int,
    goal: Goal | None = None,
    **headers: str,
) -> Case[PageServer]:
    return Case(
        [Measure(title, "1/s", higher=True, goal=goal)],
        lambda server: [_ask(server, path, 10, seconds, **headers).rate],
    )


def _first(server: PageServer) -> Sequence[float]:
    found = pages.firsts(server.url, "/first.py", 50)
    return [percentile(found, 50), percentile(found, 99)]


def _jitter(server: PageServer) -> Sequence[float]:
    found = pages.gaps(server.url, "/ticks.py")[1:-1]
    if len(found) < site.TICKS // 2:
        raise NotMeasured("prints come in one piece")
    return [percentile([abs(gap - site.TICK * 1e3) for gap in found], 99)]


def _sleepers(server: PageServer) -> Sequence[float]:
    return [pages.together(server.url, "/second.py", THREADS)]


def _deliveries() -> list[Case[PageServer]]:
    sizes = {"/prints.py": site.PRINTS * len(site.PRINT), "/large.py": site.LARGE}
    titles = {"/prints.py": f"{site.PRINTS:,} short prints", "/large.py": "one print of 50 MB"}
    return [
        _delivery(f"{titles[path]}, {'slow' if slow else 'quick'} visitor", path, size, slow=slow)
        for path, size in sizes.items()
        for slow in (False, True)
    ]


def _delivery(title: str, path: str, size: int, *, slow: bool) -> Case[PageServer]:
    def run(server: PageServer) -> Sequence[float]:
        if server.process is None:
            raise NotMeasured("the memory of a server elsewhere is not seen")
        forget_peak(server.process)
        come = pages.received(server.url, path, slow=slow)
        return [come / size * 100, peak_memory(server.process) / 1e6]

    return Case(
        [
            Measure(f"{title}: arrives", "%", higher=True),
            Measure(f"{title}: peak memory of the server", "MB"),
        ],
        run,
        most=1,
    )


def _blocked(number: int) -> Case[PageServer]:
    def run(server: PageServer) -> Sequence[float]:
        if server.threads is None:
            raise NotMeasured("the threads of a server elsewhere are not ours to set")
        with server.threads(number + 8) as roomy:
            assert roomy.process
            before = memory(roomy.process)
            held = pages.hold(roomy.url, "/blocked.py", number)
            used = memory(roomy.process) - before
            for connection in held:
                connection.close()
        return [used / number / 1024]

    return Case([Measure(f"memory of each of {number} blocked scripts", "KiB")], run, most=2)


def _not_modified(seconds: int) -> Case[PageServer]:
    def run(server: PageServer) -> Sequence[float]:
        later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
        return [
            _ask(server, "/six.txt", 10, seconds, **{"If-Modified-Since": later}).rate,
        ]

    return Case([Measure("static file that has not changed (304)", "1/s", higher=True)], run)


def _gigabyte(server: PageServer) -> Sequence[float]:
    return [pages.throughput(server.url, "/gigabyte.bin", 1 << 30)]


def _notice(server: PageServer) -> Sequence[float]:
    if server.root is None:
        raise NotMeasured("the folder of a server elsewhere is not seen")
    return [pages.notice(server.url, "/left.py", server.root / "left.txt")]


def _reuse(server: PageServer) -> Sequence[float]:
    if server.threads is None:
        raise NotMeasured("the threads of a server elsewhere are not ours to set")
    with server.threads(1) as narrow:
        return [pages.reused(narrow.url, "/endless.py", "/hello.py", 1.0)]
