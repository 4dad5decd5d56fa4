"""How the daemon stops: those who wait are told, and it is gone within five seconds, always."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.http import Connection
from tests.integration.parts import bound, scale
from tests.integration.watching import held_reads, wait_for_counts, wait_until

LONGEST = bound(5)
LARGE = '[slots]\nmax_body = "64M"\n'


def gone_after(daemon: Daemon, *signals: signal.Signals) -> float:
    """Send signals; returns the seconds until the process was gone."""
    began = time.monotonic()
    daemon.signal(signals[0])
    wait_until(lambda: "Received SIG" in daemon.log())
    for number in signals[1:]:
        daemon.signal(number)
    daemon.process.wait(LONGEST)
    return time.monotonic() - began


def signal_at_once(daemon: Daemon, *signals: signal.Signals) -> None:
    """Let several signals arrive in one turn of the reactor, however quick it is."""
    daemon.signal(signal.SIGSTOP)
    for number in (*signals, signal.SIGCONT):
        daemon.signal(number)


@contextmanager
def deaf_reader(daemon: Daemon) -> Iterator[None]:
    """A client that does not read an answer larger than the buffers of both systems."""
    size = 64 * 1024**2
    with Connection(daemon.port) as writer, Connection(daemon.port) as reader:
        token = writer.ask("POST", "/hanger/open/").text
        assert writer.ask("POST", f"/hanger/{token}/write/", b"x" * size).status == 200
        reader.send("POST", f"/hanger/{token}/read/")
        reader.socket.recv(1, socket.MSG_PEEK)
        yield


@pytest.mark.soak
def test_waiting_reads_are_told_and_the_process_goes(daemon: Daemon) -> None:
    """A hundred; at full scale, a thousand."""
    with held_reads(daemon, scale(1000)) as readers:
        assert gone_after(daemon, signal.SIGTERM) < LONGEST
        for reader in readers.values():
            answer = reader.receive()
            assert answer.status == 503
            assert answer.headers["retry-after"]
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["hanger-protocol"] == "2"


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_changes_nothing(start_daemon: StartDaemon, second: signal.Signals) -> None:
    daemon = start_daemon(settings=LARGE)
    with deaf_reader(daemon), held_reads(daemon, 1) as readers:
        assert gone_after(daemon, signal.SIGTERM, second, second) < LONGEST
        assert [reader.receive().status for reader in readers.values()] == [503]


def test_two_signals_at_once_are_one(daemon: Daemon) -> None:
    signal_at_once(daemon, signal.SIGTERM, signal.SIGINT)
    daemon.process.wait(LONGEST)
    assert "Server Shut Down" in daemon.log()


def test_a_client_that_does_not_read_cannot_keep_it(start_daemon: StartDaemon) -> None:
    daemon = start_daemon(settings=LARGE)
    with deaf_reader(daemon):
        assert gone_after(daemon, signal.SIGTERM) < LONGEST


def test_shutdown_timeout_is_the_bound(start_daemon: StartDaemon) -> None:
    daemon = start_daemon(settings=f"shutdown_timeout = 0.5\n{LARGE}")
    with deaf_reader(daemon):
        assert gone_after(daemon, signal.SIGTERM) < bound(3)
    assert "http did not stop in time" in daemon.log()


def test_half_a_request_cannot_keep_it(daemon: Daemon) -> None:
    with socket.create_connection(("127.0.0.1", daemon.port), 20) as peer:
        peer.sendall(b"POST /hanger/open/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        assert gone_after(daemon, signal.SIGTERM) < LONGEST


def test_a_sleep_is_told_too(daemon: Daemon) -> None:
    with Connection(daemon.port) as sleeper:
        sleeper.send("GET", "/hanger/sleep/?duration=20")
        wait_for_counts(daemon, waiting=1)
        assert gone_after(daemon, signal.SIGTERM) < LONGEST
        assert sleeper.receive().status == 503


def test_nothing_is_left_behind(daemon: Daemon) -> None:
    lock, ready_file = daemon.state_dir / "lock", daemon.folder / "ready.json"
    assert not _can_lock(lock)
    assert ready_file.exists()
    daemon.stop()
    assert _can_lock(lock)
    assert not ready_file.exists()


def test_it_starts_again_after_kill_9(start_daemon: StartDaemon) -> None:
    daemon = start_daemon("--port", "unix:http", "--port", "tcp:0:interface=127.0.0.1")
    pid, token = daemon.process.pid, daemon.token
    daemon.signal(signal.SIGKILL)
    daemon.process.wait(LONGEST)
    stale, ready_file = daemon.folder / "http", daemon.folder / "ready.json"
    assert stale.is_socket()
    assert json.loads(ready_file.read_text())["pid"] == pid

    daemon.start()  # returns at once: it sees the old ready-file
    wait_until(lambda: ready_file.exists() and str(pid) not in ready_file.read_text())
    assert json.loads(ready_file.read_text())["pid"] == daemon.process.pid
    assert daemon.token == token
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(30)
        peer.connect(str(stale))
        peer.sendall(b"GET /-/ready HTTP/1.0\r\n\r\n")
        assert b" 200 " in peer.recv(65536)


def _can_lock(path: os.PathLike[str]) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
