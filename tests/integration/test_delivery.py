"""A reader that is killed around the write: what it had not read is there for the next."""

from __future__ import annotations

import random
import signal
import socket
import struct
import subprocess
import sys
import time

import pytest

from tests.integration.channels import CHANNEL
from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.http import Connection
from tests.integration.parts import scale
from tests.integration.watching import wait_for_counts

pytestmark = pytest.mark.soak

# Reads a slot and passes it on in one system call: what a killed reader has taken, we have.
READER = """
import os, socket, sys
port, token = int(sys.argv[1]), sys.argv[2].encode()
reader = socket.create_connection(("127.0.0.1", port))
head = b"POST /hanger/%s/read/ HTTP/1.1\\r\\nHost: t\\r\\nContent-Length: 0\\r\\n%s\\r\\n"
closes = b"Connection: close\\r\\n" if sys.argv[3:] else b""
reader.sendall(head % (token, closes))
os.splice(reader.fileno(), 1, 65536)
"""


def start_reader(
    connection: Connection, port: int, token: str, *options: str
) -> subprocess.Popen[bytes]:
    """Start a process that reads, and return when it waits."""
    reader = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", READER, str(port), token, *options],
        stdout=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while connection.ask("GET", f"/hanger/{token}/").json["readers"] == 0:
        assert time.monotonic() < deadline, "the reader never came"
    return reader


def kill_around(reader: subprocess.Popen[bytes], connection: Connection, token: str) -> bytes:
    """Write and kill within a millisecond of each other; returns what the reader had taken."""
    lead = random.uniform(-0.001, 0.001)
    if lead < 0:
        reader.kill()
        time.sleep(-lead)
        connection.ask("POST", f"/hanger/{token}/write/", b"value")
    else:
        connection.ask("POST", f"/hanger/{token}/write/", b"value")
        time.sleep(lead)
        reader.kill()
    taken, _ = reader.communicate()
    return taken[-5:]


def freeze_around(reader: subprocess.Popen[bytes], connection: Connection, token: str) -> bytes:
    """Write to a reader that is frozen, as a sleeping laptop's is, and kill it then."""
    reader.send_signal(signal.SIGSTOP)
    connection.ask("POST", f"/hanger/{token}/write/", b"value")
    reader.kill()
    taken, _ = reader.communicate()
    return taken[-5:]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("options", [(), ("close",)], ids=["keeps", "closes"])
def test_legacy_loses_little(daemon: Daemon, options: tuple[str, ...]) -> None:
    """The legacy protocol cannot know all: at most 15 of 100 values are lost."""
    rounds, lost = scale(500), 0
    with Connection(daemon.port) as connection:
        for _ in range(rounds):
            token = connection.ask("POST", "/hanger/open/").text
            reader = start_reader(connection, daemon.port, token, *options)
            if kill_around(reader, connection, token) != b"value":
                again = connection.ask("POST", f"/hanger/{token}/read/")
                lost += again.body != b"value"
    print(f"legacy, {CHANNEL}'s channel {options}: lost {lost} of {rounds}")
    assert lost <= 0.15 * rounds


@pytest.mark.timeout(600)
def test_version_2_loses_nothing(start_daemon: StartDaemon) -> None:
    """What was not acknowledged is read again, byte for byte."""
    daemon = start_daemon(settings="[slots]\nlease = 0.1\n")
    rounds = scale(1000)
    with Connection(daemon.port) as connection:
        for _ in range(rounds):
            opened = connection.ask("POST", "/hanger/open/?v=2").json
            reader = start_reader(connection, daemon.port, opened["read"])
            kill_around(reader, connection, opened["write"])
            # Whether the dead reader had it or not, it never said so.
            assert read_and_ack(connection, opened["read"]) == b"value"
            assert connection.ask("GET", f"/hanger/{opened['read']}/").json["state"] == "acked"


def read_and_ack(connection: Connection, token: str) -> bytes:
    """Read until the word that it arrived was in time, as clients of version 2 do."""
    while True:
        answer = connection.ask("POST", f"/hanger/{token}/read/")
        assert answer.status == 200
        lease = answer.headers["hanger-lease"].split(";")[0]
        if connection.ask("POST", f"/hanger/{token}/ack/?lease={lease}").status == 204:
            return answer.body


@pytest.mark.parametrize("options", [(), ("close",)], ids=["keeps", "closes"])
def test_a_frozen_reader_loses_nothing(daemon: Daemon, options: tuple[str, ...]) -> None:
    """Its connection breaks with the answer unread, so the value is put back."""
    with Connection(daemon.port) as connection:
        for _ in range(scale(100)):
            token = connection.ask("POST", "/hanger/open/").text
            reader = start_reader(connection, daemon.port, token, *options)
            assert freeze_around(reader, connection, token) == b""
            assert connection.ask("POST", f"/hanger/{token}/read/").body == b"value"


def test_what_arrived_is_not_delivered_twice(start_daemon: StartDaemon) -> None:
    """A reader that closes cleanly, or asks something else, has the value."""
    daemon = start_daemon()
    with Connection(daemon.port) as writer:
        for closes in (True, False):
            token = writer.ask("POST", "/hanger/open/").text
            reader = Connection(daemon.port)
            reader.send("POST", f"/hanger/{token}/read/")
            writer.ask("POST", f"/hanger/{token}/write/", b"once")
            assert reader.receive().body == b"once"
            if closes:
                reader.close()
            assert writer.ask("POST", f"/hanger/{token}/read/").status == 404
            reader.close()


@pytest.mark.parametrize("resets", [False, True])
def test_no_reader_outlives_its_client(daemon: Daemon, resets: bool) -> None:
    """Not even one that sent so much behind its read that nobody listens to it any more."""
    with Connection(daemon.port) as opener:
        token = opener.ask("POST", "/hanger/open/").text
        with Connection(daemon.port) as reader:
            reader.send("POST", f"/hanger/{token}/read/?hop=19", b"")
            wait_for_counts(daemon, waiting=1)
            reader.socket.sendall(b"x" * 40_000)
            if resets:
                linger = struct.pack("ii", 1, 0)
                reader.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        wait_for_counts(daemon, waiting=0)
