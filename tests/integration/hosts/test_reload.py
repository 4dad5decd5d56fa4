"""Edits while calls go on: no call fails, and a broken edit keeps what works."""

from __future__ import annotations

from hangerd.hosts.host import Host
from tests.integration.hosts.bench import Bench, fault_of, value
from tests.integration.hosts.family import in_reactor, marked, until


def source(version: int) -> str:
    return f"import time\ndef version():\n    time.sleep(0.003)\n    return {version}\n"


@in_reactor
async def test_five_edits_during_five_hundred_calls_fail_none(bench: Bench) -> None:
    host = bench.python(source(0))
    seen: list[int] = []
    edit = 0
    while len(seen) < 500 or (seen[-1] < 5 and len(seen) < 5000):
        seen.append(await value(host, "version"))
        if edit < 5 and seen[-1] == edit and len(seen) >= 80 * edit:
            edit += 1
            bench.write("work.py", source(edit))
    assert sorted(seen) == seen
    assert set(seen) == set(range(6))
    await until(lambda: len(marked(bench.mark)) == 1, 5, "one instance")


@in_reactor
async def test_a_broken_edit_keeps_the_old_one_and_says_why(bench: Bench) -> None:
    host = bench.python(source(1))
    assert await value(host, "version") == 1
    bench.write("work.py", "def version(:\n")
    await until(lambda: reload_error(bench, host), 5, "a reload that failed")
    error = reload_error(bench, host)
    assert error is not None
    assert error["type"] == "SyntaxError"
    assert await value(host, "version") == 1
    bench.write("work.py", source(2))
    await until(lambda: not reload_error(bench, host), 5, "a good reload")
    await until(lambda: len(marked(bench.mark)) == 1, 5, "one instance")
    assert await value(host, "version") == 2


def reload_error(bench: Bench, host: Host) -> dict[str, str] | None:
    error: dict[str, str] | None = bench.service.describe(host.name)["reload_error"]
    return error


@in_reactor
async def test_a_failed_start_is_tried_again_after_an_edit(bench: Bench) -> None:
    host = bench.python("raise RuntimeError\n", max_restarts=0)
    assert (await fault_of(host, "version")).type == "RuntimeError"
    await until(lambda: bench.service.describe("work")["state"] == "failed", 5, "failed")
    bench.write("work.py", source(3))
    await until(lambda: bench.service.describe("work")["state"] != "failed", 5, "a reset")
    assert await value(host, "version") == 3


@in_reactor
async def test_a_new_spec_takes_over_without_a_gap(bench: Bench) -> None:
    host = bench.python(source(1), instances=1)
    assert await value(host, "version") == 1
    bench.write("other.py", source(2))
    bench.define("work", kind="python", path="other.py", instances=2)
    seen = [await value(host, "version") for _ in range(3)]
    while seen[-1] != 2 and len(seen) < 5000:
        seen.append(await value(host, "version"))
    assert seen[-1] == 2
    await until(lambda: len(host.pool.ready) == 2, 5, "two instances")


@in_reactor
async def test_restart_gives_a_new_process(bench: Bench) -> None:
    host = bench.python("import os\ndef pid(): return os.getpid()\n")
    first = await value(host, "pid")
    await host.restart()
    assert await value(host, "pid") != first
    await until(lambda: len(marked(bench.mark)) == 1, 5, "one instance")
