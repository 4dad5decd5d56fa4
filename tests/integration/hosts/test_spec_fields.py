"""Fields of a spec that change how its processes run, seen from inside of them."""

from __future__ import annotations

import os

from tests.integration.hosts.bench import Bench, value
from tests.integration.hosts.family import MARK, in_reactor, until

FACTS = """
import os, resource
def mask():
    found = os.umask(0)
    os.umask(found)
    return found
def facts():
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    return [os.getcwd(), mask(), os.nice(0), list(files), sorted(os.environ)]
def pid(): return os.getpid()
"""


@in_reactor
async def test_a_process_runs_as_its_spec_says(bench: Bench) -> None:
    (bench.folder / "elsewhere").mkdir()
    host = bench.python(
        FACTS,
        cwd="elsewhere",
        umask="027",
        nice=3,
        rlimits={"nofile": [200, 300]},
        env={MARK: bench.mark, "SECRET": "x"},
    )
    cwd, umask, nice, files, names = await value(host, "facts")
    assert cwd == str(bench.folder / "elsewhere")
    assert (umask, nice, files) == (0o027, os.nice(0) + 3, [200, 300])
    assert set(names) - {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "LC_CTYPE"} == {MARK, "SECRET"}


@in_reactor
async def test_files_that_a_spec_names_are_watched_too(bench: Bench) -> None:
    data = bench.write("data.txt", "1")
    read = "def data(): return text\ntext = open('data.txt').read()\n"
    host = bench.python(read, watch=[str(data)])
    seen = [await value(host, "data")]
    bench.write("data.txt", "2")
    while seen[-1] == "1" and len(seen) < 50_000:
        seen.append(await value(host, "data"))
    assert set(seen) == {"1", "2"}


@in_reactor
async def test_an_old_process_is_replaced(bench: Bench) -> None:
    host = bench.python(FACTS, recycle_age=0.5)
    first = await value(host, "pid")
    await until(lambda: pids(bench) - {first}, 20, "the next process")
    assert await value(host, "pid") != first


def pids(bench: Bench) -> set[int]:
    instances = bench.service.describe("work")["instances"]
    return {one["pid"] for one in instances if one["state"] == "ready"}
