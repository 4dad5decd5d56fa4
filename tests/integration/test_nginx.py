"""hangerd behind the real nginx with our configuration: at the root, and under a path."""

from __future__ import annotations

import http.client
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.legacy import LegacyClient
from tests.integration.nginx import Nginx
from tests.integration.parts import WHOLE, bound
from tests.integration.watching import wait_for_counts

StartNginx = Callable[..., Nginx]
PATHS = ["/hanger/", "/hangerd/hanger/"]
TRUSTING = '[http]\ntrusted_proxies = ["127.0.0.1"]\n'


@pytest.fixture
def start_nginx(tmp_path: Path) -> Iterator[StartNginx]:
    """Put an nginx in front of a daemon."""
    started: list[Nginx] = []

    def start(daemon: Daemon, read_timeout: str = "30s") -> Nginx:
        folder = tmp_path / f"nginx{len(started)}"
        folder.mkdir()
        started.append(Nginx(folder, daemon.port, read_timeout=read_timeout))
        return started[-1]

    yield start
    for nginx in started:
        nginx.stop()


@pytest.mark.soak
@pytest.mark.parametrize("path", PATHS)
def test_a_legacy_read_outlives_the_proxys_timeout(
    start_daemon: StartDaemon, start_nginx: StartNginx, path: str
) -> None:
    """120 s through a proxy that cuts at 30 s; outside `make soak`, once what it allows."""
    hop, cut, wait = (25, 30, 120) if WHOLE else (1, 4, 5)
    daemon = start_daemon(settings=f"[slots]\nread_hop = {hop}\n")
    nginx = start_nginx(daemon, read_timeout=f"{cut}s")
    client = LegacyClient(nginx.url + path, timeout=cut + 5)
    token = client.open()
    with ThreadPoolExecutor() as threads:
        began = time.monotonic()
        reading = threads.submit(client.read, token)
        time.sleep(wait)
        assert not reading.done()
        wrote = time.monotonic()
        assert client.write(token, "höre".encode()).status == 200
        answer = reading.result(30)
    assert time.monotonic() - wrote < bound(1)
    assert (answer.status, answer.body) == (200, "höre".encode())
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert wait / cut < answer.requests <= math.ceil((wrote - began) / hop)


def test_a_read_held_longer_than_the_proxy_allows_shows_that_hops_are_needed(
    start_daemon: StartDaemon, start_nginx: StartNginx
) -> None:
    daemon = start_daemon(settings="[slots]\nread_hop = 0\n")
    client = LegacyClient(start_nginx(daemon, read_timeout="1s").url + "/hanger/")
    answer = client.read(client.open())
    assert answer.status == 503
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_cors(daemon: Daemon, start_nginx: StartNginx, path: str) -> None:
    client = LegacyClient(start_nginx(daemon).url + path)
    token = client.open()
    large = b"x" * (2 * 1024**2)
    for answer, status in [
        (client.write(token, b"value"), 200),
        (client.write(token, b"again"), 409),
        (client.read(token), 200),
        (client.read(token), 404),
        (client.write("a" * 16, b"value"), 404),
        (client.post("open/?v=3"), 400),
        (client.post("sleep/"), 405),
        (client.post("there/is/nothing"), 404),
        (client.post("open/?value", large), 413),
    ]:
        assert answer.status == status, answer
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Hanger-Protocol"] == "2"


def test_a_daemon_that_is_away_is_told_with_cors(
    start_daemon: StartDaemon, start_nginx: StartNginx
) -> None:
    daemon = start_daemon()
    client = LegacyClient(start_nginx(daemon).url + "/hanger/")
    client.open()
    daemon.stop()
    answer = client.post("open/")
    assert answer.status == 503
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Hanger-Protocol"] is None


def test_a_slot_can_be_written_while_many_reads_wait(
    daemon: Daemon, start_nginx: StartNginx
) -> None:
    client = LegacyClient(start_nginx(daemon).url + "/hanger/")
    tokens = [client.open() for _ in range(20)]
    with ThreadPoolExecutor(len(tokens)) as threads:
        reads = {token: threads.submit(client.read, token) for token in tokens}
        wait_for_counts(daemon, waiting=len(tokens))
        for token in tokens:
            assert client.write(token, token.encode()).status == 200
        for token, read in reads.items():
            assert read.result(30).body == token.encode()


def test_a_client_that_leaves_is_forgotten(daemon: Daemon, start_nginx: StartNginx) -> None:
    nginx = start_nginx(daemon)
    token = LegacyClient(nginx.url + "/hanger/").open()
    peer = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=10)
    peer.request("POST", f"/hanger/{token}/read/")
    wait_for_counts(daemon, waiting=1)
    peer.close()
    wait_for_counts(daemon, waiting=0)


def test_logs_have_the_visitors_address_and_no_token(
    start_daemon: StartDaemon, start_nginx: StartNginx
) -> None:
    daemon = start_daemon(settings=TRUSTING)
    nginx = start_nginx(daemon)
    client = LegacyClient(nginx.url + "/hanger/")
    token = client.open()
    peer = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=10)
    # Another trusted proxy in front of nginx, and a client that makes up a first address.
    said = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    peer.request("POST", f"/hanger/{token}/write/", b"value", said)
    assert peer.getresponse().status == 200
    peer.close()
    daemon.stop()
    nginx.stop()
    assert "203.0.113.7 POST /hanger/*/write/ 200" in daemon.log()
    assert "127.0.0.1" in nginx.log()
    assert "POST /hanger/*/write/ 200 16B" in nginx.log()
    assert token not in nginx.log() + daemon.log()


def test_files_pass_with_their_validators(
    start_daemon: StartDaemon, start_nginx: StartNginx, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "page.html").write_text("<h1>hello</h1>")
    nginx = start_nginx(start_daemon("--root", str(root)))
    for prefix in ("", "/hangerd"):
        peer = http.client.HTTPConnection("127.0.0.1", urlsplit(nginx.url).port, timeout=10)
        peer.request("GET", f"{prefix}/page.html")
        page = peer.getresponse()
        assert (page.status, page.read()) == (200, b"<h1>hello</h1>")
        peer.request("GET", f"{prefix}/page.html", headers={"If-None-Match": page.headers["ETag"]})
        assert peer.getresponse().status == 304
        peer.close()
