"""TLS with HTTP/1.1 and HTTP/2, Unix sockets, and several listeners of one daemon."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import socket
import ssl
import statistics
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.http2 import Answer, Http2Client
from tests.integration.parts import bound, require
from tests.integration.watching import counts, wait_for_counts, wait_until

LOOPBACK = "tcp:0:interface=127.0.0.1"
HELD = 50


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate that it signed itself, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    command = [
        *(require("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt"),
        *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "chain.pem"),
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    pem = folder / "server.pem"
    pem.write_text((folder / "key.pem").read_text() + (folder / "chain.pem").read_text())
    return pem


@pytest.fixture
def daemon(start_daemon: StartDaemon, pem: Path) -> Daemon:
    """A daemon with a TLS port first, and a plain one."""
    secure = f"ssl:0:interface=127.0.0.1:privateKey={pem}"
    return start_daemon("--port", secure, "--port", LOOPBACK, "--port", "unix:http")


@pytest.fixture
def client(daemon: Daemon, pem: Path) -> Iterator[Http2Client]:
    """An HTTP/2 client of that daemon."""
    client = Http2Client(daemon.port, pem)
    yield client
    client.close()


def held(client: Http2Client, daemon: Daemon, count: int) -> dict[str, int]:
    """Open slots, and have a read wait on each; returns their streams by token."""
    tokens = [client.post("/hanger/open/").body.decode() for _ in range(count)]
    reads = {token: client.start(f"/hanger/{token}/read/") for token in tokens}
    wait_for_counts(daemon, waiting=count)
    return reads


def has_cors(answer: Answer) -> bool:
    return answer.headers["access-control-allow-origin"] == "*"


def test_http1_over_tls(daemon: Daemon, pem: Path) -> None:
    trusted = ssl.create_default_context(cafile=pem)
    peer = http.client.HTTPSConnection("127.0.0.1", daemon.port, timeout=30, context=trusted)
    peer.request("POST", "/hanger/open/?value", b"over TLS")
    token = peer.getresponse().read().decode()
    peer.request("POST", f"/hanger/{token}/read/")
    answer = peer.getresponse()
    assert (answer.version, answer.status, answer.read()) == (11, 200, b"over TLS")
    peer.close()


def test_http2_is_what_a_browser_gets(daemon: Daemon, pem: Path) -> None:
    curl = require("curl")
    if "HTTP2" not in subprocess.check_output([curl, "--version"], text=True):
        pytest.fail("this curl has no HTTP/2")
    url = f"https://127.0.0.1:{daemon.port}/-/ready"
    command = [curl, "--http2", "--silent", "--cacert", str(pem), "--write-out", " %{http_version}"]
    said = subprocess.check_output([*command, url], text=True, timeout=20)
    assert said == '{"status": "ready"} 2'


def test_waiting_reads_of_one_connection_do_not_hold_up_a_write(
    daemon: Daemon, client: Http2Client
) -> None:
    reads = held(client, daemon, HELD)
    # One of HTTP/2, and the operator's who asks.
    assert counts(daemon)["connections"] == 2
    took = []
    for token, read in reads.items():
        began = time.perf_counter()
        wrote = client.post(f"/hanger/{token}/write/", token.encode())
        answer = client.finish(read)
        took.append(time.perf_counter() - began)
        assert (wrote.status, answer.status, answer.body) == (200, 200, token.encode())
        assert has_cors(answer)
    # Far below the hop, after which a read that stands in the way would go.
    assert statistics.median(took) < bound(1, 10)
    assert counts(daemon)["waiting"] == 0


def test_one_connection_too_many_is_ended(start_daemon: StartDaemon, pem: Path) -> None:
    settings = "[http]\nmax_connections = 1\n"
    secure = f"ssl:0:interface=127.0.0.1:privateKey={pem}"
    daemon = start_daemon("--port", secure, settings=settings)
    first = Http2Client(daemon.port, pem)
    assert first.post("/hanger/open/").status == 200
    # Its end may look like either, and come while it is made.
    address = ("127.0.0.1", daemon.port)
    with contextlib.suppress(ConnectionResetError), socket.create_connection(address, 10) as second:
        assert second.recv(1) == b""
    assert first.post("/hanger/open/").status == 200
    first.close()
    assert "Traceback" not in daemon.log()


def test_a_large_body_is_refused_over_http2(client: Http2Client) -> None:
    refused = client.post("/hanger/open/?value", b"x" * (2 * 1024**2))
    assert refused.status == 413
    assert has_cors(refused)
    largest = b"x" * 1024**2
    token = client.post("/hanger/open/?value", largest).body.decode()
    assert client.post(f"/hanger/{token}/read/").body == largest


def test_an_http2_stream_that_ends_is_forgotten(daemon: Daemon, client: Http2Client) -> None:
    reads = held(client, daemon, 3)
    (_, left), (token, stays), (_, _) = reads.items()
    client.cancel(left)
    wait_for_counts(daemon, waiting=2)
    client.post(f"/hanger/{token}/write/", b"still served")
    assert client.finish(stays).body == b"still served"
    client.close()
    wait_for_counts(daemon, waiting=0)
    wait_for_counts(daemon, connections=1)


def test_answers_are_packed_over_http2(
    start_daemon: StartDaemon, pem: Path, tmp_path: Path
) -> None:
    """Scripts' pages as they come, and files piece by piece; who leaves is in the log."""
    (root := tmp_path / "site").mkdir()
    lines = "".join(f"<p>{n}\n" for n in range(100_000))
    packed = "# hangerd: compress=on\nprint('<p>0')\n"
    (root / "page.py").write_text(packed + "for n in range(1, 100_000): print(f'<p>{n}')")
    (root / "long.py").write_text(packed + "import time\ntime.sleep(60)")
    (root / "page.html").write_text(lines)
    daemon = start_daemon(
        *("--root", str(root), "--port", f"ssl:0:interface=127.0.0.1:privateKey={pem}")
    )
    client = Http2Client(daemon.port, pem)
    for path in ("/page.py", "/page.html"):
        for accept, coding in (("gzip", "gzip"), ("br;q=0.1", None)):
            answer = client.finish(client.start(path, method="GET", accept_encoding=accept))
            assert answer.headers.get("content-encoding") == coding
            body = zlib.decompress(answer.body, 31) if coding else answer.body
            assert body.decode() == lines
    client.cancel(client.start("/long.py", method="GET", accept_encoding="gzip"))
    wait_until(lambda: bool(re.search(r"GET /long.py 200 .* disconnect\n", daemon.log())))
    client.close()


def test_what_a_script_printed_before_it_failed_arrives_over_http2(
    pem: Path, tmp_path: Path
) -> None:
    (root := tmp_path / "site").mkdir()
    (root / "page.py").write_text("print('<p>' + 'x' * 50_000)\nraise SystemError")
    secure = f"ssl:0:interface=127.0.0.1:privateKey={pem}"
    daemon = Daemon(tmp_path, "--root", str(root), "--port", secure)  # its log has a traceback
    with contextlib.ExitStack() as stack:
        stack.callback(daemon.stop)
        daemon.start()
        client = Http2Client(daemon.port, pem)
        stack.callback(client.close)
        answer = client.finish(client.start("/page.py", method="GET"))
        assert (len(answer.body), answer.was_reset) == (50_004, True)


def test_stopping_answers_http2_reads(daemon: Daemon, client: Http2Client) -> None:
    reads = held(client, daemon, 5)
    daemon.signal(signal.SIGTERM)
    for read in reads.values():
        answer = client.finish(read)
        assert answer.status == 503
        assert answer.headers["retry-after"]
        assert has_cors(answer)
    client.close()
    daemon.process.wait(30)


def test_all_doors_lead_to_the_same_slots(daemon: Daemon, client: Http2Client) -> None:
    _, plain, by_name = daemon.told["public"]
    peer = http.client.HTTPConnection(plain.removeprefix("tcp:"), timeout=30)
    peer.request("POST", "/hanger/open/")
    token = peer.getresponse().read().decode()
    peer.close()

    by_socket = http.client.HTTPConnection("localhost", timeout=30)
    by_socket.sock = socket.socket(socket.AF_UNIX)
    by_socket.sock.connect(str(daemon.folder / by_name.removeprefix("unix:")))
    by_socket.request("POST", f"/hanger/{token}/write/", b"from one door to another")
    assert by_socket.getresponse().status == 200
    by_socket.close()

    assert client.post(f"/hanger/{token}/read/").body == b"from one door to another"


def test_a_unix_socket_is_removed_at_the_end(daemon: Daemon) -> None:
    assert (daemon.folder / "http").is_socket()
    daemon.stop()
    assert not (daemon.folder / "http").exists()


def test_refusals_over_tls(start_daemon: StartDaemon, pem: Path) -> None:
    """What the parser refuses is told over TLS too, and is no error of ours (the log has none)."""
    secure = f"ssl:0:interface=127.0.0.1:privateKey={pem}"
    daemon = start_daemon("--port", secure)
    trusted = ssl.create_default_context(cafile=pem)
    for request, status in (
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST /hanger/open/ HTTP/1.1\r\nHost: t\r\nContent-Length: 9999999\r\n\r\n", b"413"),
    ):
        plain = socket.create_connection(("127.0.0.1", daemon.port), timeout=30)
        with trusted.wrap_socket(plain, server_hostname="127.0.0.1") as peer:
            peer.sendall(request)
            assert peer.recv(12) == b"HTTP/1.1 " + status
