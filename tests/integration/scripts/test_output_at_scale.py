"""Output in large amounts: every byte arrives, to fast and to slow visitors, in bounded memory."""

from __future__ import annotations

import hashlib
import socket
import statistics
import time
from contextlib import closing

import pytest

from tests.integration.parts import WHOLE, bound, scale
from tests.integration.scripts.reading import peak_memory, read_slowly
from tests.integration.scripts.site import Site, get, runs, together, wait_for

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

PRINTS = scale(100_000)
LARGE = scale(50_000_000)
MANY = f"for n in range({PRINTS}): print(n)"
ONE = f"# hangerd: output=html\nprint('0123456789' * {LARGE // 10})"


def many() -> bytes:
    """What MANY prints."""
    return b"".join(b"%d\n" % n for n in range(PRINTS))


def one() -> bytes:
    """What ONE prints."""
    return b"0123456789" * (LARGE // 10) + b"\n"


def told(body: bytes) -> tuple[int, bytes]:
    """Its size and its digest, as `read_slowly` returns them."""
    return len(body), hashlib.sha256(body).digest()


def test_fast_visitors_get_every_byte(site: Site) -> None:
    """Many short prints and a single large one, twenty times of twenty."""
    site.put("many.py", MANY)
    site.put("one.py", ONE)
    for _ in range(20 if WHOLE else 5):
        assert get(site, "/many.py") == (200, many())
        status, body = get(site, "/one.py")
        assert (status, told(body)) == (200, told(one()))


@pytest.mark.parametrize(
    ("script", "expected", "rate", "text"),
    [
        pytest.param(MANY, many, 50_000, 0, id="short prints at 50 kB/s"),
        pytest.param(ONE, one, 5_000_000, LARGE, id="a large print at 5 MB/s"),
    ],
)
def test_slow_visitors_get_every_byte_and_hold_little(
    site: Site, script: str, expected: object, rate: float, text: int
) -> None:
    """Each costs less than 2 MB beyond the text that its script holds; others are served."""
    site.put("slow.py", script)
    site.put("quick.py", "print('quick')")
    get(site, "/slow.py")
    idle = answer_times(site, 20)
    visitors = 4
    with peak_memory(site) as peak:
        *bodies, meanwhile = together(
            visitors + 1,
            lambda number: (
                read_slowly(site.port, "/slow.py", rate)
                if number < visitors
                else answer_times(site, 20)
            ),
        )
    assert callable(expected)
    assert bodies == [told(expected())] * visitors
    each = peak.growth / visitors - text
    print(
        f"{each / 1e6:.2f} MB each beyond the text; others {statistics.median(idle) * 1000:.1f} ms"
        f" before, {statistics.median(meanwhile) * 1000:.1f} ms meanwhile"
    )
    assert each < 2_000_000
    assert statistics.median(meanwhile) < bound(0.1)


def test_a_visitor_who_reads_nothing_holds_little(site: Site) -> None:
    """A script that would print 13 MB in short lines stands still, and goes on when he reads."""
    site.put("lines.py", "for n in range(200_000): print('%063d' % n)")
    get(site, "/lines.py")
    with closing(socket.create_connection(("127.0.0.1", site.port))) as link:
        with peak_memory(site) as peak:
            link.sendall(b"GET /lines.py HTTP/1.0\r\n\r\n")
            wait_for(lambda: (seen := printed(site)) and seen == printed_later(site))
        print(f"{peak.growth / 1e6:.2f} MB while nothing is read")
        assert peak.growth < 2_000_000
        received = 0
        while piece := link.recv(2**20):
            received += len(piece)
    assert received > 200_000 * 64


def printed(site: Site) -> int:
    """How much the run under way has printed, in bytes."""
    told: int = runs(site)["runs"][0]["bytes"]
    return told


def printed_later(site: Site) -> int:
    """The same after what would have been time enough to print more."""
    time.sleep(0.3)
    return printed(site)


def answer_times(site: Site, number: int) -> list[float]:
    """How long a script's page takes, in seconds, so many times."""
    times = []
    for _ in range(number):
        began = time.monotonic()
        assert get(site, "/quick.py") == (200, b"quick\n")
        times.append(time.monotonic() - began)
    return times
