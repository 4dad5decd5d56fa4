"""How the daemon stops: those who wait are told, and it is gone within five seconds, always."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import time
from collections.abc import Iterator

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.legacy import LegacyClient
from tests.integration.parts import scale
from tests.integration.test_tls import counts, wait_until

LONGEST = 5.0


class HeldRead:
    """A read that waits, on a socket of its own, which reads only when it is told to."""

    def __init__(self, daemon: Daemon, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", daemon.port), 20)
        head = f"POST /hanger/{token}/read/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
        self.socket.sendall(head.encode())

    def answer(self) -> str:
        """All that comes until the daemon closes."""
        return b"".join(iter(lambda: self.socket.recv(65536), b"")).decode()


@pytest.fixture
def client(daemon: Daemon) -> LegacyClient:
    return LegacyClient(daemon.url + "/hanger/")


@pytest.fixture
def reads(daemon: Daemon, client: LegacyClient) -> Iterator[list[HeldRead]]:
    """A hundred reads that wait (at full scale, a thousand)."""
    held = [HeldRead(daemon, client.open()) for _ in range(scale(1000))]
    wait_until(lambda: counts(daemon)["waiting"] == len(held), 30)
    yield held
    for read in held:
        read.socket.close()


def gone_after(daemon: Daemon, *signals: signal.Signals) -> float:
    """Send signals; returns the seconds until the process was gone."""
    began = time.monotonic()
    for number in signals:
        daemon.signal(number)
        time.sleep(0.05)
    daemon.process.wait(LONGEST)
    return time.monotonic() - began


@pytest.mark.soak
def test_waiting_reads_are_told_and_the_process_goes(daemon: Daemon, reads: list[HeldRead]) -> None:
    assert gone_after(daemon, signal.SIGTERM) < LONGEST
    for read in reads:
        answer = read.answer()
        assert answer.startswith("HTTP/1.1 503 "), answer
        assert "Retry-After: " in answer
        assert "Access-Control-Allow-Origin: *" in answer
        assert "Hanger-Protocol: 2" in answer


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_changes_nothing(
    daemon: Daemon, client: LegacyClient, second: signal.Signals
) -> None:
    read = HeldRead(daemon, client.open())
    wait_until(lambda: counts(daemon)["waiting"] == 1)
    assert gone_after(daemon, signal.SIGTERM, second, second) < LONGEST
    assert read.answer().startswith("HTTP/1.1 503 ")
    read.socket.close()


def test_a_client_that_does_not_read_cannot_keep_it(start_daemon: StartDaemon) -> None:
    daemon = start_daemon(settings='[slots]\nmax_body = "64M"\n')
    client = LegacyClient(daemon.url + "/hanger/")
    token = client.open()
    client.write(token, b"x" * (64 * 1024**2))
    # More than the buffers of both systems take, so that the daemon has some left to write.
    deaf = HeldRead(daemon, token)
    time.sleep(0.2)
    assert gone_after(daemon, signal.SIGTERM) < LONGEST
    deaf.socket.close()


def test_half_a_request_cannot_keep_it(daemon: Daemon) -> None:
    with socket.create_connection(("127.0.0.1", daemon.port), 20) as peer:
        peer.sendall(b"POST /hanger/open/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        assert gone_after(daemon, signal.SIGTERM) < LONGEST


def test_a_sleep_is_told_too(daemon: Daemon) -> None:
    with socket.create_connection(("127.0.0.1", daemon.port), 20) as peer:
        peer.sendall(b"GET /hanger/sleep/?duration=20 HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: counts(daemon)["waiting"] == 1)
        assert gone_after(daemon, signal.SIGTERM) < LONGEST
        assert peer.recv(65536).startswith(b"HTTP/1.1 503 ")


def test_shutdown_timeout_is_the_bound(start_daemon: StartDaemon) -> None:
    daemon = start_daemon(settings='shutdown_timeout = 0.5\n[slots]\nmax_body = "64M"\n')
    client = LegacyClient(daemon.url + "/hanger/")
    token = client.open()
    client.write(token, b"x" * (64 * 1024**2))
    deaf = HeldRead(daemon, token)
    time.sleep(0.2)
    assert gone_after(daemon, signal.SIGTERM) < 3
    assert "did not stop in time" in daemon.log()
    deaf.socket.close()


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
        peer.settimeout(10)
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
