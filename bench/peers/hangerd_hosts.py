"""hangerd's hosts by its three ways: HTTP, frames through the daemon, straight to the process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Literal

from bench.callers.caller import Where
from bench.contest import Contestant
from bench.peers.function_server import FunctionServer, post
from bench.peers.hangerd import Daemon, hangerd

Way = Literal["HTTP", "framed", "direct"]
_PROGRAMS: Final = Path(__file__).parent.parent / "programs"
_CROWD: Final = {"js": "", "python": "threads = 32"}
_KINDS: Final = {
    "js": f'kind = "js"\npath = "{_PROGRAMS / "host.config.js"}"',
    "python": f'kind = "python"\npath = "{_PROGRAMS / "functions.py"}"',
}


def contestants(kind: str) -> list[Contestant[FunctionServer]]:
    """Give all three ways, for hosts of a kind (js or python); HTTP is the first."""
    ways: tuple[Way, ...] = ("HTTP", "framed", "direct")
    return [Contestant(f"hangerd {way}", _start(kind, way)) for way in ways]


def _start(kind: str, way: Way) -> Callable[[], AbstractContextManager[FunctionServer]]:
    @contextmanager
    def start() -> Iterator[FunctionServer]:
        with hangerd(_settings(kind)) as daemon:
            yield _server(daemon, way)

    return start


def _settings(kind: str) -> str:
    """Define hosts: "one" of one process, "two" of two, "crowd" for calls beside each other."""
    shared = f"{_KINDS[kind]}\nwatch = false\nqueue = 1000\nmax_restarts = 1000"
    more = {"one": "", "two": "instances = 2", "crowd": _CROWD[kind]}
    return "\n".join(f"[hosts.{name}]\n{shared}\n{words}" for name, words in more.items())


def _server(daemon: Daemon, way: Way) -> FunctionServer:
    if way == "HTTP":
        url = f"{daemon.url}/hosts/one"
        return FunctionServer(
            "http",
            _by_http(daemon, "one"),
            daemon.process,
            pools={2: _by_http(daemon, "two")},
            crowd=_by_http(daemon, "crowd"),
            http=post(url, {"Authorization": f"Bearer {daemon.token}"}),
        )
    one, two, crowd = (_by_client(daemon, name, way) for name in ("one", "two", "crowd"))
    return FunctionServer("hangerd_client", one, daemon.process, pools={2: two}, crowd=crowd)


def _by_http(daemon: Daemon, name: str) -> Where:
    return {"url": f"{daemon.url}/hosts/{name}", "token": daemon.token}


def _by_client(daemon: Daemon, name: str, way: Way) -> Where:
    return {"state_dir": str(daemon.state_dir), "host": name, "direct": way == "direct"}
