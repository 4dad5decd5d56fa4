"""What a whole daemon must bear: clients that are killed, large payloads, floods, loops, 100 MB."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.hosts.asking import ask
from tests.integration.hosts.bench import Bench, value
from tests.integration.hosts.family import MARK, in_reactor, marked, until
from tests.integration.parts import require, scale

HOLDER = Path(__file__).with_name("programs") / "lease_holder.py"
WORK = """
import time
def hold(): time.sleep(100)
def big(n): return bytes(n)
def size(data): return len(data)
"""
LARGE = 50_000_000
PIECE = 256 * 1024


def start_work(start_daemon: StartDaemon, folder: Path, **fields: object) -> Daemon:
    (folder / "work.py").write_text(WORK)
    told = "\n".join(f"{name} = {json.dumps(field)}" for name, field in fields.items())
    return start_daemon(
        settings=f"""
        [hosts.work]
        kind = "python"
        path = "{folder}/work.py"
        env = {{ {MARK} = "{folder}" }}
        call_timeout = 60
        {told}
    """
    )


def calls_path(daemon: Daemon) -> str:
    (address,) = daemon.told["calls"]
    return str(address).removeprefix("unix:")


@in_reactor
async def test_kill_9_of_the_last_client_lets_the_host_go(
    start_daemon: StartDaemon, tmp_path: Path
) -> None:
    daemon = start_work(start_daemon, tmp_path, idle_timeout=0.5)
    argv = [sys.executable, str(HOLDER), calls_path(daemon), "work"]
    with (
        subprocess.Popen(argv, stdout=subprocess.PIPE) as last,
        subprocess.Popen(argv, stdout=subprocess.PIPE) as first,
    ):
        for client in (first, last):
            assert client.stdout is not None
            assert client.stdout.readline() == b"held\n"
        (pid,) = marked(str(tmp_path))
        first.kill()
        first.wait()
        await until(lambda: leases(daemon) == 1, 10, "one lease left")
        assert marked(str(tmp_path)) == {pid}
        last.kill()
    await until(lambda: not marked(str(tmp_path)), 10, "the idle stop")


def leases(daemon: Daemon) -> int:
    return int(json.loads(ask(daemon, "GET", "/hosts/work/state")[1])["leases"])


class Door:
    """A plain blocking client, which keeps nothing of what it reads."""

    def __init__(self, path: str) -> None:
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.settimeout(60)
        self._sock.connect(path)
        self._file = self._sock.makefile("rb")
        self.send({"op": "hello", "protocol": 1})
        assert self.receive()[0]["op"] == "welcome"

    def send(self, header: dict[str, object], payload: bytes = b"") -> None:
        text = json.dumps(header).encode()
        lengths = (4 + len(text) + len(payload)).to_bytes(4, "big") + len(text).to_bytes(4, "big")
        self._sock.sendall(lengths + text + payload)

    def receive(self) -> tuple[dict[str, object], bytes]:
        frame = self._file.read(int.from_bytes(self._file.read(4), "big"))
        end = 4 + int.from_bytes(frame[:4], "big")
        return json.loads(frame[4:end]), frame[end:]

    def call(self, number: int, function: str, payload: bytes, kind: str) -> Iterator[bytes]:
        """Send in pieces; yield the pieces of the result."""
        header = {"op": "call", "id": number, "host": "work", "function": function, "type": kind}
        for at in range(0, max(1, len(payload)), PIECE):
            piece = payload[at : at + PIECE]
            more = at + PIECE < len(payload)
            self.send({**header, "more": more}, piece)
            header = {"op": "call", "id": number}
        while True:
            told, piece = self.receive()
            assert told["op"] == "result", piece
            yield piece
            if not told.get("more"):
                return


@contextmanager
def growth(process: psutil.Process) -> Iterator[list[int]]:
    """By how much its resident memory was higher at most, in bytes, than at the beginning."""
    before = process.memory_info().rss
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.002):
            most[0] = max(most[0], process.memory_info().rss - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield most
    over.set()
    watcher.join()


def test_fifty_megabytes_cost_the_daemon_less_than_five(
    start_daemon: StartDaemon, tmp_path: Path
) -> None:
    daemon = start_work(start_daemon, tmp_path)
    door = Door(calls_path(daemon))
    for number in (1, 11):  # buffers that are kept have their size then
        assert list(door.call(number, "size", bytes(5_000_000), "bytes")) == [b"5000000"]
        assert sum(map(len, door.call(number + 1, "big", b"[5000000]", "json"))) == 5_000_000
    with growth(daemon.measured) as most:
        assert list(door.call(21, "size", bytes(LARGE), "bytes")) == [b"%d" % LARGE]
        assert sum(map(len, door.call(22, "big", b"[%d]" % LARGE, "json"))) == LARGE
    assert most[0] < 5 * 2**20


@pytest.mark.soak
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@in_reactor
async def test_a_js_host_that_floods_a_stream_breaks_no_call(bench: Bench, stream: str) -> None:
    require("node")
    whole = scale(100)
    bench.write(
        "host.config.js",
        """
        const junk = require('crypto').randomBytes(2 ** 20);
        module.exports = {functions: {
          echo: (x) => x,
          flood: async ({stream, megabytes}) => {
            for (let n = 0; n < megabytes; n++)
              await new Promise((done) => process[stream].write(junk, done));
            return megabytes;
          },
        }};
        """,
    )
    host = bench.define("js", kind="js", path="host.config.js", call_timeout=100, log_size="1M")
    flood = value(host, "flood", {"stream": stream, "megabytes": whole}, timeout=100)
    good = 0
    while not flood.called:
        assert await value(host, "echo", good, timeout=100) == good
        good += 1
    assert await flood == whole
    assert good > 0


@pytest.mark.soak
@in_reactor
async def test_a_loop_that_no_call_began_is_found_and_ended(bench: Bench) -> None:
    require("node")
    if scale(10) < 10:
        pytest.skip("it waits 20 s for pings: only at full scale")
    bench.write(
        "host.config.js",
        """
        module.exports = {functions: {
          pid: () => process.pid,
          doze: () => { setTimeout(() => { while (true); }, 10); return process.pid; },
          block: (s) => { const end = Date.now() + s * 1000; while (Date.now() < end); return s; },
        }};
        """,
    )
    host = bench.define("js", kind="js", path="host.config.js", call_timeout=30)
    first = await value(host, "pid")
    await value(host, "block", 6, timeout=30)
    await until(lambda: (lag(bench) or 0) > 4, 20, "the lag is shown")
    assert await value(host, "doze") == first
    await until(lambda: not psutil.pid_exists(first), 60, "the end of the one that hangs")
    assert await value(host, "pid", timeout=60) != first


def lag(bench: Bench) -> float | None:
    instances = bench.service.describe("js")["instances"]
    return instances[0]["lag"] if instances else None
