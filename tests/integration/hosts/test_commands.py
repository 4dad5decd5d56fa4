"""Command hosts: their probes for real, and a whole daemon that is killed with one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.hosts.bench import Bench, value
from tests.integration.hosts.family import in_reactor, marked, until
from tests.integration.parts import require

PROGRAMS = Path(__file__).with_name("programs")

SERVER = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Page.asked += 1
        self.send_response(503 if Page.asked < 3 else 200)
        self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
port = server.server_address[1]
open(sys.argv[1], "w").write(str(port))
print("serving", flush=True)
server.serve_forever()
"""


@in_reactor
async def test_probes_over_tcp_http_and_by_a_program(bench: Bench) -> None:
    bench.write("server.py", SERVER)
    port_file = bench.folder / "port"
    argv = [sys.executable, "server.py", str(port_file)]
    first = bench.define("first", kind="command", argv=argv, probe={"log": "serving"})
    await first.start()
    port = port_file.read_text()
    pause = [sys.executable, "-c", "import time; time.sleep(100)"]
    for number, probe in enumerate(
        (
            {"tcp": f"127.0.0.1:{port}"},
            {"http": f"http://127.0.0.1:{port}/x", "interval": 0.05},
            {"exec": [sys.executable, "-c", "pass"]},
        )
    ):
        host = bench.define(f"more{number}", kind="command", argv=pause, probe=probe)
        await host.start()
    assert bench.service.describe("more1")["state"] == "ready"


@in_reactor
async def test_a_probe_that_never_says_yes_ends_the_start(bench: Bench) -> None:
    pause = [sys.executable, "-c", "import time; time.sleep(100)"]
    for number, probe in enumerate(
        ({"tcp": "127.0.0.1:1"}, {"exec": ["false"]}, {"http": "http://127.0.0.1:1/"})
    ):
        host = bench.define(
            f"never{number}",
            kind="command",
            argv=pause,
            probe=probe,
            start_timeout=0.4,
            restart="never",
        )
        with pytest.raises(Exception, match="ended"):
            await host.start()
        assert bench.service.describe(host.name)["state"] == "stopped"


@in_reactor
async def test_a_crashing_command_comes_back_by_itself(bench: Bench) -> None:
    pause = [sys.executable, "-c", "import time; time.sleep(100)"]
    host = bench.define("pause", kind="command", argv=pause)
    first = await host.start()
    seat = host.pool.seats[0]
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    await until(
        lambda: seat.instance is not None and seat.instance.pid not in (None, first.pid),
        1.0,
        "the next one",
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@in_reactor
async def test_a_daemon_that_ends_leaves_none_of_a_family(number: int, tmp_path: Path) -> None:
    daemon = PROGRAMS / "supervising_daemon.py"
    child = subprocess.Popen(
        [sys.executable, str(daemon), str(tmp_path), str(PROGRAMS / "tree.py")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "ready\n"
        assert len(marked(str(tmp_path))) == 8
    finally:
        child.send_signal(number)
        child.wait(30)
        child.stdout.close()
    await until(lambda: not marked(str(tmp_path)), 1.0 + 2.0, "the end of all")


@in_reactor
async def test_a_js_host_is_called_and_reloaded(bench: Bench) -> None:
    require("node")
    config = "module.exports = {{functions: {{add: async (d) => d.a + {0}}}}};\n"
    bench.write("host.config.js", config.format(1))
    host = bench.define("js", kind="js", path="host.config.js")
    assert await value(host, "add", {"a": 1}) == 2
    assert bench.service.describe("js")["functions"] == ["add"]
    bench.write("host.config.js", config.format(10))
    answers = [2]
    while answers[-1] == 2 and len(answers) < 20_000:
        answers.append(await value(host, "add", {"a": 1}))
    assert answers[-1] == 11


@in_reactor
async def test_a_js_host_that_never_returns_is_replaced(bench: Bench) -> None:
    require("node")
    config = "module.exports = {functions: {spin: () => {for (;;) {}}, one: async () => 1}};\n"
    bench.write("host.config.js", config)
    host = bench.define("js", kind="js", path="host.config.js", cancel_grace=0.2)
    assert await value(host, "one") == 1
    with pytest.raises(Exception, match="more than"):
        await value(host, "spin", timeout=0.2)
    assert await value(host, "one") == 1
