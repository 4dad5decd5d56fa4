"""The HTTP channel beside Twisted's own: requests a second, and CPU time for each request.

    python bench/channel.py [--rounds 5] [--seconds 3] [--connections 64] [--bare]

A trivial Resource and a trivial Klein route are asked by wrk, through our channel and through
Twisted's, one after the other and again. The server has core 1, wrk has core 0. CPU time tells the
channels apart on a busy machine too; requests a second do when it is idle.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

TICK = 0.01  # seconds of CPU time that /proc counts in
# What a browser sends; wrk alone sends Host and nothing else.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "en",
    "Accept-Encoding": "gzip, deflate, br",
    "Origin": "http://127.0.0.1",
    "Referer": "http://127.0.0.1/page",
    "Sec-Fetch-Mode": "cors",
}


def serve(channel: str, kind: str) -> None:
    """Serve until killed; the port is said in one line."""
    from klein import Klein
    from twisted.internet import reactor as _reactor
    from twisted.web.resource import Resource
    from twisted.web.server import Site

    from hangerd.web.channel import ChannelParts, channel_protocol

    class Trivial(Resource):
        isLeaf = True

        def render_GET(self, request: Any) -> bytes:
            return b"hello"

    app = Klein()

    @app.route("/hanger/<token>")
    def route(request: Any, token: str) -> bytes:
        return b"hello"

    reactor: Any = _reactor
    resource = Trivial() if kind == "resource" else app.resource()
    site: Any = Site(resource, reactor=reactor, parsePOSTFormSubmission=False)
    site.startFactory = site.stopFactory = lambda: None
    if channel == "ours":
        site.protocol = channel_protocol(ChannelParts(reactor))
    port = reactor.listenTCP(0, site, interface="127.0.0.1", backlog=1024)
    reactor.callWhenRunning(lambda: print(json.dumps(port.getHost().port), flush=True))
    reactor.run()


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def measure(channel: str, kind: str, options: argparse.Namespace) -> tuple[float, float]:
    """Give requests a second and CPU microseconds for each request."""
    program = ["taskset", "-c", "1", sys.executable, __file__, "--serve", channel, kind]
    headers = {} if options.bare else BROWSER
    with subprocess.Popen(program, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        port = json.loads(server.stdout.readline())
        before = cpu_seconds(server.pid)
        wrk = ["taskset", "-c", "0", "wrk", "-t1", f"-c{options.connections}"]
        wrk += [f"-d{options.seconds}s", f"http://127.0.0.1:{port}/hanger/token"]
        wrk += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        said = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
        used = cpu_seconds(server.pid) - before
        server.kill()
    if "Non-2xx" in said or (requests := re.search(r"(\d+) requests in", said)) is None:
        raise SystemExit(f"wrk: {said}")
    count = int(requests[1])
    return count / options.seconds, used / count * 1e6


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--bare", action="store_true", help="send no header but Host")
    options = parser.parse_args()
    if options.serve:
        serve(*options.serve)
        return
    print("kind      channel   requests/s   CPU us/request   (medians)")
    for kind in ("resource", "klein"):
        results: dict[str, list[tuple[float, float]]] = {"twisted": [], "ours": []}
        for _ in range(options.rounds):
            for channel, rounds in results.items():
                rounds.append(measure(channel, kind, options))
        medians = {
            channel: [statistics.median(values) for values in zip(*rounds, strict=True)]
            for channel, rounds in results.items()
        }
        for channel, (rate, cpu) in medians.items():
            print(f"{kind:9} {channel:9} {rate:10.0f} {cpu:16.1f}")
        faster = medians["ours"][0] / medians["twisted"][0]
        cheaper = medians["twisted"][1] / medians["ours"][1]
        print(f"{kind:9} ratio     {faster:10.2f} {cheaper:16.2f}")


if __name__ == "__main__":
    main()
