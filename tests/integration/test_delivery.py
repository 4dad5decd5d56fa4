"""A reader that is killed around the write: what it had not read is there for the next."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.http import Connection
from tests.integration.parts import scale

pytestmark = pytest.mark.soak

# Reads a slot and passes it on in one system call: what a killed reader has taken, we have.
READER = """
import os, socket, sys
port, token = int(sys.argv[1]), sys.argv[2].encode()
reader = socket.create_connection(("127.0.0.1", port))
head = b"POST /hanger/%s/read/ HTTP/1.1\\r\\nHost: t\\r\\nContent-Length: 0\\r\\n\\r\\n"
reader.sendall(head % token)
os.splice(reader.fileno(), 1, 65536)
"""


def start_reader(connection: Connection, port: int, token: str) -> subprocess.Popen[bytes]:
    """Start a process that reads, and return when it waits."""
    reader = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", READER, str(port), token], stdout=subprocess.PIPE
    )
    deadline = time.monotonic() + 10
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
def test_legacy_loses_little(start_daemon: StartDaemon) -> None:
    """The legacy protocol cannot know all: at most 15 of 100 values are lost."""
    daemon = start_daemon()
    rounds, lost = scale(1000), 0
    with Connection(daemon.port) as connection:
        for _ in range(rounds):
            token = connection.ask("POST", "/hanger/open/").text
            reader = start_reader(connection, daemon.port, token)
            if kill_around(reader, connection, token) != b"value":
                again = connection.ask("POST", f"/hanger/{token}/read/")
                lost += again.body != b"value"
    print(f"legacy lost {lost} of {rounds}")
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


def test_a_frozen_reader_loses_nothing(start_daemon: StartDaemon) -> None:
    """Its connection breaks with the answer unread, so the value is put back."""
    daemon = start_daemon()
    with Connection(daemon.port) as connection:
        for _ in range(scale(100)):
            token = connection.ask("POST", "/hanger/open/").text
            reader = start_reader(connection, daemon.port, token)
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
