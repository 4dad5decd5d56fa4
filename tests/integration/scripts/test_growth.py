"""Thousands of requests, and gigabytes sent: the daemon's memory stays what it was."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.integration.parts import WHOLE, scale
from tests.integration.scripts.reading import peak_memory
from tests.integration.scripts.site import Site, get, runs, wait_for

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

MIB = 2**20
CYCLE = """\
class C:
    def __init__(self, **names): self.__dict__.update(names)
a, b = C(load='x' * 1000), C(load=[{} for _ in range(100)])
a.o, b.o = b, a
if not hasattr(__globals__, 'kept'):
    __globals__.kept = C(v=[1, {'two': 2}], o=a)
print(__globals__.kept.v, __globals__.kept.o.o.o is __globals__.kept.o)
"""
BOUNDARY = "----a-boundary"
UPLOAD = """\
# hangerd: body=3G timeout=300
from hangerd import request
async def main():
    size = 0
    async for part in request.files(max_file_size=3 * 2**30):
        size += len(part['data'])
    print(size)
wait(main())
"""


def ask_often(site: Site, path: str, number: int, expected: bytes) -> None:
    """Ask for a page so many times on one connection."""
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)) as link:
        for _ in range(number):
            link.request("GET", path)
            assert link.getresponse().read() == expected


def growth(site: Site, path: str, number: int, expected: bytes) -> float:
    """How much larger the daemon is, in MB, after so many requests than after a fifth of them."""
    ask_often(site, path, number // 5, expected)
    before = site.measured.memory_info().rss
    ask_often(site, path, number - number // 5, expected)
    grown: float = (site.measured.memory_info().rss - before) / 1e6
    print(f"{number} of {path}: grown by {grown:.2f} MB")
    return grown


def test_hello_pages(site: Site) -> None:
    """100,000 at full scale."""
    site.put("hello.py", "print('Hello')")
    assert growth(site, "/hello.py", 100_000 if WHOLE else 2000, b"Hello\n") < 3


def test_objects_in_circles(site: Site) -> None:
    """10,000 pages that leave two objects which hold each other; what was given to keep is kept."""
    site.put("cycle.py", CYCLE)
    assert growth(site, "/cycle.py", scale(10_000), b"[1, {'two': 2}] True\n") < 5


def upload(size: int) -> Iterator[bytes]:
    """A form with one file of so many bytes, in pieces."""
    head = 'Content-Disposition: form-data; name="file"; filename="large.bin"'
    yield f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode()
    piece = bytes(range(256)) * 1024
    for _ in range(size // len(piece)):
        yield piece
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def send(link: http.client.HTTPConnection, size: int, parts: float = 2.0) -> None:
    """Send an upload, or about so many parts of it."""
    link.putrequest("POST", "/upload.py")
    link.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    link.putheader("Content-Length", str(sum(map(len, upload(0))) + size))
    link.endheaders()
    sent = 0
    for piece in upload(size):
        if sent > parts * size:
            return
        link.send(piece)
        sent += len(piece)


def temporary_files(site: Site) -> int:
    """How many files without a name the daemon holds."""
    held = []
    for entry in Path(f"/proc/{site.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed since they were listed
            held.append(str(entry.readlink()))
    return sum(name.endswith("(deleted)") for name in held)


def test_a_large_upload_goes_to_disk(site: Site) -> None:
    """2 GiB at full scale: less than 40 MB of memory, and no temporary file stays."""
    size = 2048 * MIB if WHOLE else 64 * MIB
    site.put("upload.py", UPLOAD)
    site.put("hello.py", "print('Hello')")
    get(site, "/hello.py")
    with (
        peak_memory(site) as peak,
        closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=300)) as link,
    ):
        send(link, size)
        answer = link.getresponse()
        assert (answer.status, answer.read()) == (200, b"%d\n" % size)
    print(f"{size // MIB} MiB uploaded: grown by {peak.growth / 1e6:.2f} MB")
    assert peak.growth < 40e6
    wait_for(lambda: temporary_files(site) == 0)


def test_an_upload_that_is_broken_off_leaves_nothing(site: Site) -> None:
    """Neither while it comes in, nor while the script reads it."""
    site.put(
        "upload.py", UPLOAD.replace("    print(size)", "    await __import__('asyncio').sleep(60)")
    )
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)) as link:
        send(link, 64 * MIB, parts=0.5)
        wait_for(lambda: temporary_files(site) == 1)
    wait_for(lambda: temporary_files(site) == 0)
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)) as link:
        send(link, 16 * MIB)
        wait_for(lambda: temporary_files(site) == 2)
    wait_for(lambda: not runs(site)["runs"])
    wait_for(lambda: temporary_files(site) == 0)
