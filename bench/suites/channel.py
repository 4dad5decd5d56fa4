"""The HTTP channel beside Twisted's own, under the same resources: requests, and their cost."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench.contest import Case, Contest, Contestant, Goal, Measure
from bench.options import Options
from bench.peers.offer import Offer, gather
from bench.processes import server, wait_until, with_cost
from bench.wrk import Ask, wrk

OFFERS: Final = (Offer("twisted.web", lambda: [Contestant("twisted.web", _start("twisted"))]),)
"""Those beside whom it is measured."""
_PROGRAM: Final = "bench.programs.channel_site"
_CONNECTIONS: Final = 64
# What a browser sends; wrk alone sends Host and nothing else.
_BROWSER: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "en",
    "Accept-Encoding": "gzip, deflate, br",
    "Origin": "http://127.0.0.1",
    "Referer": "http://127.0.0.1/page",
    "Sec-Fetch-Mode": "cors",
}


@dataclass(frozen=True)
class ChannelServer:
    """A site with one of the channels."""

    url: str
    process: psutil.Process


def contest(options: Options) -> Contest[ChannelServer]:
    """Give the suite."""
    about = (
        "The same resources behind both channels. Each request has the headers of a browser, "
        f"but where it says Host only; {_CONNECTIONS} connections."
    )
    peers, absent = gather(OFFERS, options.peers)
    if options.peer_url:
        absent = {**absent, options.peer_url: "both channels run in the same program, written here"}
    contestants = [Contestant("hangerd", _start("hangerd")), *peers]
    return Contest("channel", about, contestants, _cases(options.seconds), absent)


def _cases(seconds: int) -> list[Case[ChannelServer]]:
    klein, resource = "/klein/hanger/token/read/", "/resource"
    goal = Goal(1.4, "twisted.web")
    return [
        _case("Klein route", klein, _BROWSER, seconds, goal),
        _case("Klein route, Host only", klein, {}, seconds, goal),
        _case("Resource", resource, _BROWSER, seconds, None),
        _case("Resource, Host only", resource, {}, seconds, None),
    ]


def _case(
    title: str, path: str, headers: dict[str, str], seconds: int, goal: Goal | None
) -> Case[ChannelServer]:
    def run(server: ChannelServer) -> Sequence[float | None]:
        ask = Ask(server.url + path, headers=headers)
        return with_cost(server.process, lambda: wrk(ask, _CONNECTIONS, seconds).counted)

    time = Measure(f"{title}, processor time for each", "µs")
    return Case([Measure(title, "1/s", higher=True, goal=goal), time], run)


def _start(channel: str) -> Callable[[], AbstractContextManager[ChannelServer]]:
    @contextmanager
    def start() -> Iterator[ChannelServer]:
        with tempfile.TemporaryDirectory() as name:
            log = Path(name) / "log"
            with server([sys.executable, "-m", _PROGRAM, channel], log) as process:
                wait_until(lambda: log.read_bytes().endswith(b"\n"), process, log)
                port = int(log.read_text().split()[-1])
                yield ChannelServer(f"http://127.0.0.1:{port}", process)

    return start
