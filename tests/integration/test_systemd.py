"""hangerd under systemd: the units, its word on READY and STOPPING, and inherited sockets."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import TWISTD, Daemon
from tests.integration.parts import ROOT, bound, require

UNITS = ["hangerd.service", "hangerd.socket"]
# What systemd does between fork and exec: the socket becomes descriptor 3.
ACTIVATE = """
import os, pathlib, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
pathlib.Path("activated").write_text(str(listener.getsockname()[1]))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
told = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "hangerd.socket"}
os.execve(sys.argv[1], sys.argv[1:], os.environ | told)
"""


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="hangerd") as folder:
        yield Path(folder)


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """Our units, with the twistd that is installed here."""
    for name in UNITS:
        text = (ROOT / "etc" / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/hangerd/bin/twistd", str(TWISTD)))
    return [str(tmp_path / name) for name in UNITS]


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    command = [require("systemd-analyze"), "--no-pager", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_units_verify(units: list[str]) -> None:
    verified = analyze("verify", *units)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


def test_the_drop_in_of_the_page_verifies(units: list[str]) -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    [text] = re.findall(r"```ini\n(.*?)```", page, re.DOTALL)
    drop_in = Path(units[0] + ".d") / "override.conf"
    drop_in.parent.mkdir()
    for content, good in ((text, True), (text.replace("read-only", "perhaps"), False)):
        drop_in.write_text(content)
        assert ("override.conf" not in analyze("verify", units[0]).stderr) == good


def test_the_stated_security_score_is_true(units: list[str]) -> None:
    said = analyze("security", "--offline=yes", units[0]).stdout
    found = re.search(r"exposure level for hangerd.service: ([\d.]+)", said)
    assert found, said
    for stated in ("etc/hangerd.service", "docs/operations.md"):
        assert f"gives it {found[1]} (" in (ROOT / stated).read_text(), stated


def test_the_service_allows_what_the_daemon_needs() -> None:
    service = (ROOT / "etc" / "hangerd.service").read_text()
    assert "\nMemoryDenyWriteExecute" not in service  # breaks Node
    assert "\nKillMode=mixed" in service
    stop = re.search(r"^TimeoutStopSec=(\d+)", service, re.MULTILINE)
    assert stop
    assert int(stop[1]) > 4


@pytest.mark.parametrize("abstract", [False, True])
def test_ready_and_stopping_are_notified(
    start_daemon: StartDaemon,
    short_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    abstract: bool,
) -> None:
    name = str(short_folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.settimeout(30)
        systemd.bind("\0" + name if abstract else name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name if abstract else name)
        daemon = start_daemon()
        assert systemd.recv(100) == b"READY=1"
        daemon.stop()
        assert systemd.recv(100) == b"STOPPING=1"


def test_nobody_to_notify_is_no_error(
    start_daemon: StartDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/absent/socket")
    assert start_daemon().stop() < bound(5)


def test_a_tcp_socket_from_systemd(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, "--port", "systemd:domain=INET:index=0")
    daemon.command[:0] = [sys.executable, "-c", ACTIVATE]
    daemon.start()
    try:
        assert daemon.port == int((tmp_path / "activated").read_text())
        peer = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
        peer.request("GET", "/-/ready")
        assert json.loads(peer.getresponse().read()) == {"status": "ready"}
        peer.close()
    finally:
        daemon.stop()


def test_systemd_starts_it_for_the_first_client(short_folder: Path) -> None:
    path = short_folder / "http"
    command = [
        *(require("systemd-socket-activate"), "--listen", str(path), "--fdname", "hangerd.socket"),
        *(str(TWISTD), "-n", "--pidfile=", "hangerd", "--port", "systemd:domain=UNIX:index=0"),
        *("--admin", "none", "--state-dir", "state"),
    ]
    activator = subprocess.Popen(command, cwd=short_folder, stderr=subprocess.PIPE)
    try:
        assert activator.stderr
        assert b"Listening on" in activator.stderr.readline()
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(path))
            client.sendall(b"GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b'{"status": "ready"}')
    finally:
        activator.terminate()
        activator.communicate(timeout=30)
