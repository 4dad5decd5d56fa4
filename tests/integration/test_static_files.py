"""Files from a real daemon: byte-exact, in bounded memory, honest when one changes under way."""

from __future__ import annotations

import hashlib
import http.client
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon

MEBI = 2**20
LARGE = 64 * MEBI  # more than any socket's buffers hold


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A document root with one large file of known bytes and one of any."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "pyodide.wasm").write_bytes(os.urandom(10 * MEBI))
    with (folder / "large.bin").open("wb") as large:
        large.truncate(LARGE)
    return folder


@pytest.fixture
def site(root: Path, start_daemon: StartDaemon) -> Daemon:
    """A daemon that serves the root."""
    return start_daemon("--root", str(root))


@pytest.fixture
def connection(site: Daemon) -> Iterator[http.client.HTTPConnection]:
    """A connection to it."""
    with closing(connect(site)) as connection:
        yield connection


def connect(site: Daemon) -> http.client.HTTPConnection:
    """Connect, with a time limit on each read."""
    return http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)


def begin(
    connection: http.client.HTTPConnection, target: str = "/large.bin"
) -> http.client.HTTPResponse:
    """Ask for a file and read the head of the answer."""
    connection.request("GET", target)
    return connection.getresponse()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come true soon."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def opened(site: Daemon, root: Path) -> int:
    """How many files of the root the daemon has open."""
    return sum(Path(file.path).is_relative_to(root) for file in site.measured.open_files())


def test_ten_mebibytes_arrive_as_they_are(
    connection: http.client.HTTPConnection, root: Path
) -> None:
    """Whole, and put together from ranges on the same connection."""
    content = (root / "pyodide.wasm").read_bytes()
    response = begin(connection, "/pyodide.wasm")
    assert response.headers["Content-Type"] == "application/wasm"
    assert hashlib.sha256(response.read()).digest() == hashlib.sha256(content).digest()
    received = b""
    for start in range(0, len(content), 3 * MEBI):
        connection.request(
            "GET", "/pyodide.wasm", headers={"Range": f"bytes={start}-{start + 3 * MEBI - 1}"}
        )
        response = connection.getresponse()
        assert response.status == 206
        received += response.read()
    assert received == content


def test_clients_that_leave_take_the_file_with_them(site: Daemon, root: Path) -> None:
    """No file stays open for a client that is gone, in the head or amid the body."""
    connections = [connect(site) for _ in range(20)]
    for connection in connections:
        begin(connection).read(1)
    assert opened(site, root) == 20
    for connection in connections:
        connection.close()
    until(lambda: opened(site, root) == 0)


def test_slow_clients_cost_no_memory(site: Daemon, root: Path) -> None:
    """Of 64 MiB for each of 20 clients who don't read, the daemon holds less than 1 MiB each."""
    with closing(connect(site)) as connection:
        begin(connection, "/pyodide.wasm").read()
    before = site.measured.memory_info().rss
    connections = [connect(site) for _ in range(20)]
    for connection in connections:
        begin(connection).read(1)
    busy: psutil.Process = site.measured
    until(lambda: busy.cpu_percent(0.2) < 5)  # all that can be sent was sent
    assert busy.memory_info().rss - before < 20 * MEBI
    for connection in connections:
        connection.close()


def test_a_file_that_grows_under_way_stays_as_long_as_promised(
    connection: http.client.HTTPConnection, root: Path
) -> None:
    """What was written meanwhile doesn't run into the next answer."""
    response = begin(connection)
    response.read(1)
    with (root / "large.bin").open("ab") as large:
        large.write(b"x" * MEBI)
    assert len(response.read()) == LARGE - 1
    assert begin(connection).headers["Content-Length"] == str(LARGE + MEBI)


def test_a_file_that_shrinks_under_way_breaks_off(
    connection: http.client.HTTPConnection, site: Daemon, root: Path
) -> None:
    """The client can tell that this is not the whole file, at once, and the daemon is not busy."""
    response = begin(connection)
    response.read(1)
    os.truncate(root / "large.bin", MEBI)
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    until(lambda: opened(site, root) == 0)
    until(lambda: site.measured.cpu_percent(0.2) < 5)


def test_a_file_that_is_replaced_under_way_is_sent_as_it_was(
    connection: http.client.HTTPConnection, root: Path
) -> None:
    """One answer is one version; the next has the new one."""
    response = begin(connection)
    response.read(1)
    (root / "new").write_bytes(b"new")
    (root / "new").rename(root / "large.bin")
    assert response.read().count(b"\0") == LARGE - 1
    assert begin(connection).read() == b"new"


def test_an_edit_is_seen_at_once(connection: http.client.HTTPConnection, root: Path) -> None:
    """However fast edits follow each other, the tag of the last one is never good for the next."""
    tag = '""'
    for number in range(200):
        (root / "page.html").write_text(f"<p>{number:03}")
        response = revalidate(connection, tag)
        assert (response.status, response.read()) == (200, b"<p>%03d" % number)
        tag = response.headers["ETag"]


def test_what_was_not_edited_is_not_sent_again(
    connection: http.client.HTTPConnection, root: Path
) -> None:
    """A browser that comes back with the tag that it has gets 304, and nothing else."""
    (root / "page.html").write_text("<p>")
    os.utime(root / "page.html", (1, 1))
    response = revalidate(connection, '""')
    assert response.read() == b"<p>"
    again = revalidate(connection, response.headers["ETag"])
    assert (again.status, again.read()) == (304, b"")


def test_a_folder_is_listed_where_that_is_wanted(root: Path, start_daemon: StartDaemon) -> None:
    for name in (".env", "_secret.txt", "config.php", "run.py", "notes.txt"):
        (root / name).write_text("print('ran')")
    (root / "outside").symlink_to("/etc")
    (root / "many").mkdir()
    for number in range(600):
        (root / "many" / f"{number:03}.txt").touch()
    site = start_daemon("--root", str(root), settings="[files]\nlisting = true\n")
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as connection:
        connection.request("GET", "/")
        names = connection.getresponse().read().decode().split("\n")
        assert names == ["many/", "large.bin", "notes.txt", "pyodide.wasm", "run.py", ""]
        connection.request("GET", "/many/", headers={"Accept": "text/html"})
        page = connection.getresponse().read().decode()
        assert page.count("<time ") == 600
        connection.request("GET", "/many", headers={"Accept": "text/html"})
        assert connection.getresponse().getheader("Location") == "many/"


def test_links_lead_out_of_the_root_where_that_is_wanted(
    root: Path, start_daemon: StartDaemon
) -> None:
    (root.parent / "outside.txt").write_text("outside")
    (root / "link.txt").symlink_to("../outside.txt")
    for follows, status in ((False, 403), (True, 200)):
        settings = f"[files]\nfollow_symlinks = {str(follows).lower()}\n"
        site = start_daemon("--root", str(root), settings=settings)
        with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as connection:
            connection.request("GET", "/link.txt")
            answer = connection.getresponse()
            assert (answer.status, answer.read() == b"outside") == (status, follows)


def revalidate(connection: http.client.HTTPConnection, tag: str) -> http.client.HTTPResponse:
    """Ask for the page unless it is the one with this tag."""
    connection.request("GET", "/page.html", headers={"If-None-Match": tag})
    return connection.getresponse()
