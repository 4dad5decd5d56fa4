"""The HTTP channel on a real socket, with Twisted's default reactor and on asyncio."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.own_channel("its site has that, and is no daemon")

GET = b"GET %b HTTP/1.1\r\nHost: t\r\n\r\n"


@pytest.fixture(scope="module", params=["default", "asyncio"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a site that runs as a process."""
    program = [sys.executable, "-m", "tests.integration.channel_site", request.param]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as site:
        assert site.stdout is not None
        yield json.loads(site.stdout.readline())
        assert site.stdin is not None
        site.stdin.close()
        assert site.wait(60) == 0


@pytest.fixture
def client(port: int) -> Iterator[socket.socket]:
    """A connection to the site."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        yield connection


def receive(client: socket.socket, end: bytes) -> bytes:
    """Read until `end` came."""
    seen = b""
    while not seen.endswith(end):
        more = client.recv(1 << 16)
        assert more, seen
        seen += more
    return seen


def test_an_answer_comes_in_one_piece(client: socket.socket) -> None:
    for _ in range(20):
        client.sendall(GET % b"/path")
        assert client.recv(1 << 16).endswith(b"\r\n\r\n/path")


def test_two_thousand_requests_ahead(client: socket.socket) -> None:
    client.sendall(b"".join(GET % b"/%d" % n for n in range(2000)))
    seen = receive(client, b"\r\n\r\n/1999")
    bodies = [part.partition(b"HTTP/1.1")[0] for part in seen.split(b"\r\n\r\n")[1:]]
    assert bodies == [b"/%d" % n for n in range(2000)]


def test_an_answer_larger_than_all_buffers(client: socket.socket) -> None:
    client.sendall(GET % b"/big")
    size = 0
    while size < 10_000_000:
        more = client.recv(1 << 14)
        assert more
        size += len(more)
    client.sendall(GET % b"/next")
    assert b"\r\n\r\n/next" in receive(client, b"/next")


def test_who_uploads_too_much_is_told(client: socket.socket) -> None:
    """The client goes on sending; with a plain close it would meet a reset and see no answer."""
    client.sendall(b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4000000\r\n\r\n")
    for _ in range(40):
        client.sendall(b"x" * 100_000)
    seen = b""
    while more := client.recv(1 << 16):
        seen += more
    assert seen.startswith(b"HTTP/1.1 413 ")
    assert json.loads(seen.partition(b"\r\n\r\n")[2])["error"] == "body_too_large"


def test_who_leaves_is_noticed(client: socket.socket, port: int) -> None:
    def left() -> int:
        client.sendall(GET % b"/left")
        return int(client.recv(1 << 16).rpartition(b"\r\n\r\n")[2])

    before = left()
    with socket.create_connection(("127.0.0.1", port), 20) as other:
        other.sendall(GET % b"/hold")
    while left() == before:
        pass
    assert left() == before + 1
