"""The whole daemon with hosts from its settings: over HTTP, by its socket, and to its end."""

from __future__ import annotations

import json
import signal
import socket
import stat
import sys
import urllib.error
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.hosts.asking import ask, js_host_port
from tests.integration.hosts.family import MARK, in_reactor, marked, until
from tests.integration.parts import bound, require

WORK = """
import os
def pid(): return os.getpid()
def add(a, b): return a + b
def count(n):
    for i in range(n): yield i
def boom(): raise LookupError("no")
"""


@pytest.fixture
def mark(tmp_path: Path) -> str:
    return str(tmp_path)


@pytest.fixture
def settings(tmp_path: Path, mark: str) -> str:
    (tmp_path / "work.py").write_text(WORK)
    return f"""
        [hosts.work]
        kind = "python"
        path = "{tmp_path}/work.py"
        env = {{ {MARK} = "{mark}" }}
    """


@pytest.fixture
def daemon(start_daemon: StartDaemon, settings: str) -> Daemon:
    return start_daemon(settings=settings)


@pytest.fixture
def daemon_of_a_tree(start_daemon: StartDaemon, settings: str, mark: str) -> Daemon:
    """A daemon that needs its grace to end, since the processes of a host ignore TERM."""
    tree = f"""
        [hosts.tree]
        kind = "command"
        argv = ["{sys.executable}", "{Path(__file__).with_name("programs") / "tree.py"}"]
        env = {{ {MARK} = "{mark}" }}
        probe = {{ log = "^ready$" }}
        autostart = true
    """
    return start_daemon(settings=settings + tree)


def test_calls_and_control_over_http(daemon: Daemon) -> None:
    assert ask(daemon, "POST", "/hosts/work/function/add", {"a": 1, "b": 2}) == (200, b"3")
    status, text = ask(daemon, "POST", "/hosts/work/function/boom", {})
    assert (status, b"LookupError: no" in text) == (500, True)
    lines = ask(daemon, "POST", "/hosts/work/function/count", [3])[1]
    assert lines == b"0\n1\n2\n"
    state = json.loads(ask(daemon, "GET", daemon.admin_url + "/hosts/work/state")[1])
    assert (state["state"], state["calls"]) == ("ready", 3)
    assert ask(daemon, "POST", "/hosts/work/function/pid", {}, token=None)[0] == 401
    token = json.loads(ask(daemon, "GET", "/hosts/work")[1])["call_token"]
    first = ask(daemon, "POST", "/hosts/work/function/pid", {}, token=token)
    assert first[0] == 200
    assert ask(daemon, "POST", "/hosts/work/restart")[0] == 200
    assert ask(daemon, "POST", "/hosts/work/function/pid", {}) != first
    assert b"hangerd ready" in ask(daemon, "GET", "/hosts/work/log")[1]


def test_a_body_of_nine_megabytes_and_one_that_is_too_large(daemon: Daemon) -> None:
    big = "x" * 9_000_000
    status, text = ask(daemon, "POST", "/hosts/work/function/add", {"a": big, "b": "y"})
    assert (status, len(text)) == (200, len(big) + 1)
    with suppress(ConnectionError, urllib.error.URLError):  # refused before all was sent
        assert ask(daemon, "POST", "/hosts/work/function/add", {"a": big * 2})[0] == 413


def test_a_host_defined_over_http(daemon: Daemon, tmp_path: Path, mark: str) -> None:
    spec = {"kind": "python", "path": str(tmp_path / "work.py"), "env": {MARK: mark}}
    assert ask(daemon, "PUT", "/hosts/made", spec)[0] == 201
    assert ask(daemon, "POST", "/hosts/made/function/add", {"a": 1, "b": 2}) == (200, b"3")
    assert ask(daemon, "DELETE", "/hosts/made")[0] == 204
    assert ask(daemon, "POST", "/hosts/made/function/add", {})[0] == 404
    status, text = ask(daemon, "PUT", "/hosts/made", {**spec, "instance": 2})
    assert (status, json.loads(text)["remedy"]) == (400, "Did you mean instances?")


def test_a_host_defined_over_http_outlives_the_daemon(
    daemon: Daemon, tmp_path: Path, mark: str
) -> None:
    spec = {"kind": "python", "path": str(tmp_path / "work.py"), "env": {MARK: mark}}
    for name, given in (("made", spec), ("gone", spec), ("work", {**spec, "threads": 2})):
        assert ask(daemon, "PUT", f"/hosts/{name}", given)[0] in (200, 201)
    assert ask(daemon, "DELETE", "/hosts/gone")[0] == 204
    kept = daemon.state_dir / "hosts"
    (kept / "broken.json").write_text("{")
    assert stat.S_IMODE((kept / "made.json").stat().st_mode) == 0o600
    daemon.kill()
    daemon.start_again()
    assert ask(daemon, "POST", "/hosts/made/function/add", {"a": 1, "b": 2}) == (200, b"3")
    assert ask(daemon, "GET", "/hosts/gone")[0] == 404
    assert json.loads(ask(daemon, "GET", "/hosts/work")[1])["threads"] == 1
    assert f"{kept}/broken.json" in daemon.log()


@in_reactor
async def test_an_edit_of_the_settings_changes_the_hosts(
    start_daemon: StartDaemon, tmp_path: Path
) -> None:
    (tmp_path / "work.py").write_text(WORK)
    table = f'[hosts.work]\nkind = "python"\npath = "{tmp_path}/work.py"\n'
    daemon = start_daemon(settings=table)
    file = daemon.folder / "hangerd.toml"
    file.write_text("[hosts.work]\nkind = 5\n")
    await until(lambda: "stay as they are" in daemon.log(), 5, "a broken edit is told")
    assert ask(daemon, "POST", "/hosts/work/function/add", {"a": 1, "b": 2}) == (200, b"3")
    file.write_text(table.replace("hosts.work", "hosts.other"))
    await until(lambda: ask(daemon, "GET", "/hosts/work")[0] == 404, 5, "the edit")
    assert ask(daemon, "POST", "/hosts/other/function/add", {"a": 1, "b": 2}) == (200, b"3")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@in_reactor
async def test_nothing_outlives_the_daemon(
    daemon_of_a_tree: Daemon, mark: str, number: int
) -> None:
    daemon = daemon_of_a_tree
    assert ask(daemon, "POST", "/hosts/work/function/add", {"a": 1, "b": 2}) == (200, b"3")
    await until(lambda: len(marked(mark)) == 9, 10, "both hosts")
    daemon.process.send_signal(number)
    daemon.process.wait(bound(6))
    await until(lambda: not marked(mark), 4.0, "the end of all")


def test_the_socket_for_calls(daemon: Daemon) -> None:
    (address,) = daemon.told["calls"]
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(address.removeprefix("unix:"))
        sock.settimeout(30)
        for header, payload in (
            ({"op": "hello", "protocol": 1}, b""),
            ({"op": "call", "id": 1, "host": "work", "function": "add"}, b"[1,2]"),
        ):
            head = json.dumps(header).encode()
            lengths = (4 + len(head) + len(payload)).to_bytes(4, "big")
            sock.sendall(lengths + len(head).to_bytes(4, "big") + head + payload)
        came = b""
        while not came.endswith(b"}3"):
            came += sock.recv(4096)
    assert b'"welcome"' in came


@in_reactor
async def test_a_listener_of_js_hosts_own_protocol(
    start_daemon: StartDaemon, tmp_path: Path
) -> None:
    require("node")
    config = "module.exports = {port: 9009, secret: 1, functions: {f: (d, cb) => cb(null, d.x)}};"
    (tmp_path / "host.config.js").write_text(config)
    path = tmp_path / "host.config.js"
    js = f"""
        [hosts.js]
        kind = "js"
        path = "{path}"
        listen = "tcp:0:interface=127.0.0.1"
    """
    daemon = start_daemon(settings=js)
    root = f"http://127.0.0.1:{js_host_port(daemon, 'js')}"
    status = json.loads(ask(daemon, "GET", f"{root}/status", token=None)[1])
    assert (status["type"], status["version"], status["config"]["secret"]) == ("Host", "0.12.0", 1)
    assert status["config"]["functions"] == ["f"]
    answered = ask(daemon, "POST", f"{root}/function/f", {"x": "y"}, token=None)
    assert answered == (200, b"y")
    big = "x" * 9_000_000
    assert ask(daemon, "POST", f"{root}/function/f", {"x": big}, token=None)[1] == big.encode()
