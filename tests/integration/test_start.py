"""How the daemon starts: the errors that end it, what it says of itself, where it can be found."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import TWISTD, Daemon
from tests.integration.parts import ROOT

LOOPBACK = "tcp:0:interface=127.0.0.1"


def start_and_end(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run a daemon that ends by itself, in a folder of its own."""
    return subprocess.run(
        [str(TWISTD), "-n", "--pidfile=", "hangerd", *flags],
        cwd=folder,
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def refused(folder: Path, *flags: str) -> str:
    """The last line on stderr of a start that must fail as starts should."""
    ended = start_and_end(folder, *flags)
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "Error" not in ended.stdout
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("hangerd: ")
    assert "; " in last, "no remedy"
    return last


@pytest.mark.parametrize(
    ("flags", "names", "remedy"),
    [
        (["--colour", "red"], "--colour", "twistd hangerd --help"),
        (["guess.py"], "guess.py", "twistd hangerd --help"),
        (["--port"], "port", "twistd hangerd --help"),
        (["--config", "absent.toml"], "absent.toml", "--config"),
        (["--control-token-file", "absent"], "absent", "--control-token-file"),
        (["--control-token-file", "short"], "short", "openssl rand"),
        (["--config", "far.toml"], "zebra is not a setting", "known here are"),
        (["--config", "near.toml"], "slots.read_hopp", "read_hop?"),
        (["--config", "text.toml"], "slots.read_hop", "etc/hangerd.toml"),
        (["--config", "broken.toml"], "broken.toml is not TOML", "mend"),
        (["--log-format", "xml"], "--log-format", "etc/hangerd.toml"),
        (["--port", "udp:1"], "--port udp:1", "tcp:9095"),
        (["--port", "tcp:high"], "--port tcp:high", "tcp:9095"),
        (["--admin", "nowhere"], "--admin nowhere", "tcp:9095"),
        (["--port", "unix:absent/socket"], "unix:absent/socket", "--port"),
        (["--port", "ssl:0:privateKey=absent.pem"], "absent.pem", "key files"),
        (["--port", "systemd:domain=INET:index=0"], "systemd:domain", "hangerd.socket"),
        (["--root", "absent"], "absent", "folder"),
        (["--root", "short"], "short", "folder"),
        (["--state-dir", "short/state"], "short/state", "--state-dir"),
        (["--port", LOOPBACK, "--ready-file", "absent/file"], "absent/file", "can be written"),
    ],
)
def test_an_error_at_start_is_one_line(
    tmp_path: Path, flags: list[str], names: str, remedy: str
) -> None:
    (tmp_path / "far.toml").write_text("zebra = 1\n")
    (tmp_path / "near.toml").write_text("[slots]\nread_hopp = 1\n")
    (tmp_path / "text.toml").write_text('[slots]\nread_hop = "long"\n')
    (tmp_path / "broken.toml").write_text("[slots\n")
    (tmp_path / "short").write_text("short")
    ports = [] if {"--port", "--admin"} & set(flags) else ["--port", LOOPBACK, "--admin", "none"]
    last = refused(tmp_path, *ports, *flags)
    assert names in last
    assert remedy in last


@pytest.mark.parametrize("door", ["--port", "--admin"])
def test_a_port_in_use_ends_the_start(tmp_path: Path, door: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken_at = f"tcp:{taken.getsockname()[1]}:interface=127.0.0.1"
        free = {"--port": LOOPBACK, "--admin": LOOPBACK}
        flags = [word for pair in (free | {door: taken_at}).items() for word in pair]
        last = refused(tmp_path, *flags)
    assert f"cannot listen on {taken_at}: Address already in use" in last
    assert f"choose another with {door}" in last


def test_a_port_in_use_ends_the_start_in_the_background(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken_at = f"tcp:{taken.getsockname()[1]}:interface=127.0.0.1"
        command = [str(TWISTD), "--pidfile=", "hangerd", "--admin", "none", "--port", taken_at]
        with (tmp_path / "stderr").open("wb") as err:
            environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
            started = subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=err)
            try:
                assert started.wait(60) == 1
            finally:
                started.kill()
    assert f"cannot listen on {taken_at}" in (tmp_path / "stderr").read_text()


def test_a_state_directory_belongs_to_one_daemon(daemon: Daemon, tmp_path: Path) -> None:
    last = refused(tmp_path, "--port", LOOPBACK, "--state-dir", str(daemon.state_dir))
    assert str(daemon.state_dir) in last
    assert "--state-dir" in last


def test_version(tmp_path: Path) -> None:
    ended = start_and_end(tmp_path, "--version")
    assert (ended.returncode, ended.stdout) == (0, f"hangerd {version('hangerd')}\n")


def test_help_names_every_flag(tmp_path: Path) -> None:
    shown = start_and_end(tmp_path, "--help").stdout
    flags = "port admin root config state-dir control-token-file ready-file log-format debug"
    for flag in flags.split():
        assert f"--{flag}" in shown


def test_the_ready_file_tells_pid_and_every_address(start_daemon: StartDaemon) -> None:
    daemon = start_daemon("--port", LOOPBACK, "--port", "unix:http", "--port", LOOPBACK)
    assert daemon.told["pid"] == daemon.process.pid
    first, second, third = daemon.told["public"]
    assert second == "unix:http"
    (admin,) = daemon.told["admin"]
    for address in (first, third, admin):
        host, port = address.removeprefix("tcp:").split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
    ready_file = daemon.folder / "ready.json"
    assert ready_file.stat().st_mode & 0o777 == 0o600


def test_no_admin_listener(start_daemon: StartDaemon) -> None:
    assert "admin" not in start_daemon("--admin", "none").told


def test_no_pid_file_is_left(start_daemon: StartDaemon) -> None:
    daemon = start_daemon()
    daemon.stop()
    assert not list(daemon.folder.glob("*.pid"))


def test_a_page_to_open_is_named_once(start_daemon: StartDaemon) -> None:
    without = start_daemon()
    assert " open http" not in without.log()
    daemon = start_daemon("--root", ".")
    lines = [line for line in daemon.log().splitlines() if " open http" in line]
    assert [line.split()[-1] for line in lines] == [f"{daemon.url}/"]


def test_twisted_does_not_chatter(start_daemon: StartDaemon) -> None:
    daemon = start_daemon()
    daemon.stop()
    for chatter in ("Starting factory", "starting on", "Closed)"):
        assert chatter not in daemon.log()


def test_a_bind_to_the_network_is_warned_about(start_daemon: StartDaemon) -> None:
    assert "open to the network" in start_daemon("--port", "tcp:0").log()
    assert "open to the network" not in start_daemon().log()


@pytest.mark.parametrize("reactor", ["asyncio", "poll"])
def test_other_reactors(start_daemon: StartDaemon, reactor: str) -> None:
    daemon = start_daemon(reactor=reactor)
    assert reactor.lower() in daemon.log().lower()
    assert round_trip(daemon, b"hello") == b"hello"


def round_trip(daemon: Daemon, value: bytes) -> bytes:
    """Open a slot, write, read."""
    peer = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
    token = _post(peer, "/hanger/open/").decode()
    assert _post(peer, f"/hanger/{token}/write/", value) == token.encode()
    read = _post(peer, f"/hanger/{token}/read/?secret-query=1")
    peer.close()
    assert token not in daemon.log()
    assert daemon.token not in daemon.log()
    return read


def _post(peer: http.client.HTTPConnection, path: str, body: bytes = b"") -> bytes:
    peer.request("POST", path, body)
    with peer.getresponse() as answer:
        assert answer.status == 200
        return answer.read()


def test_the_log_for_people_tells_no_secret(start_daemon: StartDaemon) -> None:
    daemon = start_daemon("--debug")
    round_trip(daemon, b"a-secret-value")
    daemon.stop()
    access = [line for line in daemon.log().splitlines() if "hangerd.access" in line]
    assert len(access) == 3
    assert "127.0.0.1 POST /hanger/*/read/ 200 14B" in access[-1]
    assert "secret" not in daemon.log()


def test_the_log_for_machines_tells_no_secret(start_daemon: StartDaemon) -> None:
    daemon = start_daemon("--log-format", "json", settings="debug = true")
    round_trip(daemon, b"a-secret-value")
    daemon.stop()
    lines = [json.loads(line) for line in daemon.log().splitlines()]
    access = [line for line in lines if line["namespace"] == "hangerd.access"]
    assert [line["path"] for line in access] == [
        *("/hanger/open/", "/hanger/*/write/", "/hanger/*/read/"),
    ]
    assert {"client": "127.0.0.1", "method": "POST", "status": 200, "bytes": 14}.items() <= (
        access[-1].items()
    )
    assert access[-1]["seconds"] < 5
    assert "secret" not in daemon.log()


@pytest.mark.parametrize("how", ["wheel", "editable"])
def test_twistd_finds_the_plugin_from_any_folder(tmp_path: Path, how: str) -> None:
    venv, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=60)
    # The libraries come from where we run; a .pth file in there, such as our own, does not count.
    libraries = Path(pytest.__file__).parent.parent
    next(venv.glob("lib/python3*/site-packages")).joinpath("z.pth").write_text(f"{libraries}\n")
    pip = [str(venv / "bin" / "pip"), "install", "--quiet", "--no-deps"]
    what = [*(["--editable"] if how == "editable" else []), str(ROOT)]
    subprocess.run([*pip, *what], check=True, timeout=100)

    def run(code: str, *words: str) -> str:
        command = [str(venv / "bin" / "python"), "-c", code, *words]
        return subprocess.check_output(command, cwd=elsewhere, text=True, timeout=30)

    installed = Path(run("import hangerd; print(hangerd.__file__)").strip())
    assert installed.is_relative_to(ROOT if how == "editable" else venv)
    twistd = "from twisted.scripts.twistd import run; run()"
    assert run(twistd, "hangerd", "--version") == f"hangerd {version('hangerd')}\n"
