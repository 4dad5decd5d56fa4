"""Scripts that sleep, wait in line and compute: how long everybody else waits for his answer."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from tests.integration.http import Connection
from tests.integration.parts import bound, scale
from tests.integration.scripts.site import Site, get, runs, together, wait_for

pytestmark = pytest.mark.soak


SLEEP = """\
import pathlib, time
end = pathlib.Path(__file__).with_name('end')
while not end.exists():
    time.sleep(0.05)
"""
BUSY = """\
import pathlib
end = pathlib.Path(__file__).with_name('end')
while not end.exists():
    n = 0
    while n < 1_000_000: n += 1
"""


def times_of(number: int, call: Callable[[], object]) -> list[float]:
    """How long a call takes, in seconds, so many times."""
    times = []
    for _ in range(number):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return times


def show(what: str, times: list[float]) -> tuple[float, float]:
    """Print and return median and 99th percentile, in seconds."""
    median, late = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(f"{what}: median {median * 1000:.2f} ms, p99 {late * 1000:.2f} ms")
    return median, late


class Waker:
    """Writes to a slot where a read hangs, and waits until the reader has it."""

    def __init__(self, site: Site) -> None:
        self._reader, self._writer = Connection(site.port), Connection(site.port)

    def __call__(self) -> None:
        token = self._writer.ask("POST", "/hanger/open/").text
        self._reader.send("POST", f"/hanger/{token}/read/")
        while self._writer.ask("GET", f"/hanger/{token}/").json["readers"] == 0:
            pass
        began = time.perf_counter()
        self._writer.send("POST", f"/hanger/{token}/write/", b"wake")
        assert self._reader.receive().body == b"wake"
        self.seconds = time.perf_counter() - began
        self._writer.receive()

    def times(self, number: int) -> list[float]:
        """From write to wake, in seconds, so many times."""
        times = []
        for _ in range(number):
            self()
            times.append(self.seconds)
        return times

    def close(self) -> None:
        """Close both connections."""
        self._reader.close()
        self._writer.close()


@contextmanager
def pending(site: Site, path: str, number: int) -> Iterator[None]:
    """Have so many requests under way, and wait for their answers in the end."""
    threads = [threading.Thread(target=get, args=(site, path, 300)) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def test_scripts_run_side_by_side(site: Site) -> None:
    """Five that sleep for a second, on five threads, take little more than one second."""
    site.put("sleep.py", "import time\ntime.sleep(1)\nprint('ok')")
    began = time.monotonic()
    answers = together(5, lambda _: get(site, "/sleep.py"))
    took = time.monotonic() - began
    print(f"five sleeps of a second: {took:.2f} s")
    assert answers == [(200, b"ok\n")] * 5
    assert took < bound(1.3, 4.5)


def test_a_full_house_refuses_at_once_and_serves_the_rest(site: Site) -> None:
    """All threads taken and the line full: refusals, files and slots are as quick as before."""
    site.put("sleep.py", SLEEP)
    site.put("file.txt", "a file")
    site.put("quick.py", "print(1)")
    number = scale(200)
    with closing(Waker(site)) as waker, Connection(site.port) as link:

        def ask(path: str, status: int) -> None:
            assert link.ask("GET", path).status == status

        files = show("a file, idle", times_of(number, lambda: ask("/file.txt", 200)))
        slots = show("a slot, idle", waker.times(number))
        with pending(site, "/sleep.py", 7):
            try:
                wait_for(lambda: runs(site)["queued"] == 2)
                refused = times_of(number, lambda: ask("/quick.py", 503))
                files_then = times_of(number, lambda: ask("/file.txt", 200))
                slots_then = waker.times(number)
            finally:
                site.put("end", "")
    assert show("refused", refused)[1] < bound(0.05)
    assert show("a file, full house", files_then)[0] < bound(2 * files[0] + 0.002)
    assert show("a slot, full house", slots_then)[0] < bound(2 * slots[0] + 0.002)


def test_computing_scripts_leave_slots_quick(wide_site: Site) -> None:
    """Eight scripts in computing loops: from write to wake 20 ms in the middle, 100 ms at most."""
    wide_site.put("busy.py", BUSY)
    with closing(Waker(wide_site)) as waker, pending(wide_site, "/busy.py", 8):
        try:
            wait_for(lambda: len(runs(wide_site)["runs"]) == 8)
            woken = waker.times(scale(500))
        finally:
            wide_site.put("end", "")
    median, late = show("write to wake beside eight that compute", woken)
    assert median < bound(0.02)
    assert late < bound(0.1)
