"""Scripts of a real daemon call hosts of it: values, streams, faults, and what ends a wait."""

from __future__ import annotations

import json
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.parts import bound, require

CONFIG = """
module.exports = {
  functions: {
    page: (data, cb) => cb(null, `<h1>${data.title}</h1>`),
    fail: (data, cb) => cb(new RangeError('too far')),
  },
};
"""
WORK = """
import time
def add(a, b=0): return a + b
def size(data: bytes): return len(data)
def count(n):
    for i in range(n): yield i
def nap(seconds): time.sleep(seconds)
"""
SCRIPT = """
import asyncio, json
from hangerd import CallError, hosts
work = hosts["work"]
def failing(*args, **kwargs):
    try:
        hosts[args[0]].call(*args[1:], **kwargs)
    except CallError as error:
        fault = error.fault
        return [fault.code, fault.type, fault.message, "fail" in fault.stack]
async def on_the_loop():
    try:
        work.call("add", 1)
    except RuntimeError as error:
        return type(error).__name__
print(json.dumps({
    "page": hosts["render"].call("page", title="x"),
    "add": work.call("add", 1, b=2),
    "bytes": work.call("size", b"123"),
    "stream": list(work.call("count", 200)),
    "left": next(work.call("count", 10**9)),
    "fail": failing("render", "fail"),
    "nobody": failing("nobody", "f")[:2],
    "late": failing("work", "nap", 5, timeout=0.2)[0],
    "loop": wait(on_the_loop()),
    "thread": wait(asyncio.to_thread(work.call, "add", 5)),
}))
"""


@pytest.fixture
def daemon(start_daemon: StartDaemon, tmp_path: Path) -> Daemon:
    require("node")
    (root := tmp_path / "root").mkdir()
    (root / "all.py").write_text(SCRIPT)
    (root / "nap.py").write_text(
        "from hangerd import hosts\nprint('on', flush=True)\n"
        "try: hosts['work'].call('nap', 60, timeout=0)\n"
        f"finally: open({str(tmp_path / 'woken')!r}, 'w').close()\n"
    )
    (tmp_path / "host.config.js").write_text(CONFIG)
    (tmp_path / "work.py").write_text(WORK)
    settings = f"""
        [hosts.render]
        kind = "js"
        path = "{tmp_path}/host.config.js"
        [hosts.work]
        kind = "python"
        path = "{tmp_path}/work.py"
        threads = 4
    """
    return start_daemon("--root", str(root), settings=settings)


def test_what_a_script_gets(daemon: Daemon) -> None:
    with closing(HTTPConnection("127.0.0.1", daemon.port, timeout=30)) as link:
        link.request("GET", "/all.py")
        answer = link.getresponse()
        body = answer.read()
    assert answer.status == 200, body
    assert json.loads(body) == {
        "page": "<h1>x</h1>",
        "add": 3,
        "bytes": 3,
        "stream": list(range(200)),
        "left": 0,
        "fail": ["function", "RangeError", "too far", True],
        "nobody": ["no_host", "HostUnknown"],
        "late": "timeout",
        "loop": "RuntimeError",
        "thread": 5,
    }


def test_a_visitor_who_leaves_and_a_daemon_that_stops_wake_the_thread(
    daemon: Daemon, tmp_path: Path
) -> None:
    woken = tmp_path / "woken"
    for _ in range(2):
        link = HTTPConnection("127.0.0.1", daemon.port, timeout=30)
        link.request("GET", "/nap.py")
        answer = link.getresponse()
        assert answer.read(3) == b"on\n"
        if woken.exists():  # the second time
            woken.unlink()
            assert daemon.stop() < bound(5)
        answer.close()
        link.close()
        until = time.monotonic() + 10
        while not woken.exists():
            assert time.monotonic() < until
            time.sleep(0.01)
