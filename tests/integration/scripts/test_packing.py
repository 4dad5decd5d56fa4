"""Packed answers of a real daemon, read piece by piece by a client that unpacks them."""

from __future__ import annotations

import http.client
import zlib
from contextlib import closing

import pytest

from tests.integration.parts import scale
from tests.integration.scripts.site import Site, get, wait_for

ACCEPT = {"Accept-Encoding": "gzip"}
STEPS = """\
# hangerd: compress=on timeout=60
import pathlib, time
print('<p>begun')
for n in range(8):
    while not pathlib.Path(__file__).with_name(f'{n}.txt').exists():
        time.sleep(0.005)
    print(f'<p>{n}')
"""


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_each_print_arrives_before_the_next_is_made(site: Site, accept: str) -> None:
    """The script goes on only when the client has read what it printed."""
    site.put("steps.py", STEPS)
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as link:
        link.request("GET", "/steps.py", headers={**ACCEPT, "Accept": accept})
        answer = link.getresponse()
        assert answer.getheader("Content-Encoding") == "gzip"
        assert answer.getheader("Vary") == "Accept-Encoding"
        assert answer.getheader("Content-Length") is None
        reader = zlib.decompressobj(31)
        text = read_until(answer, reader, b"begun\n")
        for n in range(8):
            site.put(f"{n}.txt", "")
            text += read_until(answer, reader, b"<p>%d\n" % n)
        text += reader.decompress(answer.read())
        lines = [b"<p>%d\n" % n for n in range(8)]
        assert (reader.eof, text) == (True, b"".join([b"<p>begun\n", *lines]))


def test_much_is_whole_and_others_have_their_turn(site: Site) -> None:
    lines = scale(400_000)
    site.put("much.py", f"# hangerd: compress=on\nfor n in range({lines}): print('<p>', n)")
    site.put("small.txt", "small")
    wanted = "".join(f"<p> {n}\n" for n in range(lines)).encode()
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)) as link:
        link.request("GET", "/much.py", headers=ACCEPT)
        answer = link.getresponse()
        for _ in range(5):
            assert get(site, "/small.txt") == (200, b"small")
        assert zlib.decompress(answer.read(), 31) == wanted


def test_who_leaves_amid_it_ends_the_script(site: Site) -> None:
    site.put("endless.py", "# hangerd: compress=on\nwhile True: print('<p>' + 'x' * 1000)")
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as link:
        link.request("GET", "/endless.py", headers=ACCEPT)
        assert link.getresponse().read(100)
    wait_for(lambda: "/endless.py: the visitor left" in site.log())


def test_a_file_that_is_packed_on_its_way(site: Site) -> None:
    text = "".join(f"{n},{n * n}\n" for n in range(100_000))
    site.put("data.csv", text)
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as link:
        link.request("GET", "/data.csv", headers=ACCEPT)
        answer = link.getresponse()
        assert (answer.status, answer.getheader("Content-Encoding")) == (200, "gzip")
        packed = answer.read()
        assert zlib.decompress(packed, 31).decode() == text
        assert len(packed) < len(text) * 0.6
        link.request("GET", "/data.csv", headers={**ACCEPT, "Range": "bytes=0-3"})
        answer = link.getresponse()
        assert (answer.status, answer.read()) == (206, b"0,0\n")


def read_until(answer: http.client.HTTPResponse, reader: zlib._Decompress, end: bytes) -> bytes:
    """Read and unpack until that was read."""
    text = b""
    while not text.endswith(end):
        piece = answer.read1()
        assert piece, text
        text += reader.decompress(piece)
    return text
