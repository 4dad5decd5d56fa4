"""Hosts under a real supervisor: started once, replaced when they die, gone at the end."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest
from twisted.internet.defer import ensureDeferred, gatherResults

from hangerd.hosts.faults import CallError
from hangerd.hosts.host import Host
from tests.integration.hosts.bench import Bench, call, fault_of, value
from tests.integration.hosts.family import in_reactor, marked, until
from tests.integration.parts import bound, scale

WORK = """
import os, sys, time
print("loaded", flush=True)
def pid(): return os.getpid()
def echo(x): return x
def slow(seconds):
    time.sleep(seconds)
    return seconds
def slow_pid(seconds):
    time.sleep(seconds)
    return os.getpid()
def die_slowly():
    print("last words", file=sys.stderr, flush=True)
    time.sleep(100)
"""


def starts(host: Host) -> int:
    return sum(line.text == "starting" for line in host.log.tail(10_000))


@in_reactor
async def test_a_hundred_first_calls_start_one_process(bench: Bench) -> None:
    host = bench.python(WORK)
    replies = await gatherResults([value(host, "pid") for _ in range(100)])
    assert len(set(replies)) == 1
    assert starts(host) == 1


@in_reactor
async def test_one_call_more_than_may_wait_is_busy(bench: Bench) -> None:
    host = bench.python(WORK, queue=3)
    calls = [call(host, "slow", 0.01) for _ in range(3)]
    fault = await fault_of(host, "slow", 0.01)
    assert fault.code == "busy"
    assert fault.retry_after == 1.0
    assert len(await gatherResults(calls)) == 3


@in_reactor
async def test_a_killed_host_fails_its_calls_and_comes_back(bench: Bench) -> None:
    host = bench.python(WORK)
    began = time.monotonic()
    first = await value(host, "pid")
    start = time.monotonic() - began
    dying = fault_of(host, "die_slowly")
    waiting = value(host, "echo", "later")
    await until(lambda: "last words" in str(host.log.tail(5)), 10, "the call is under way")
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    fault = await dying
    assert (fault.code, fault.exit, fault.instance) == ("died", "signal 9", 1)
    assert fault.stderr_tail == "last words"
    assert await waiting == "later"
    assert time.monotonic() - killed < bound(0.1 + 3 * start + 0.2)
    assert await value(host, "pid") != first


@pytest.mark.parametrize("gone", [False, True])
@in_reactor
async def test_the_next_call_after_a_kill_reaches_the_next_process(
    bench: Bench, gone: bool
) -> None:
    host = bench.python(WORK)
    for _ in range(5):
        first = await value(host, "pid")
        os.kill(first, signal.SIGKILL)
        if gone:  # its keeper has reaped it; the reactor does not know yet
            killed = time.monotonic()
            while psutil.pid_exists(first):
                assert time.monotonic() - killed < 30
        assert await value(host, "pid") != first
        host.pool.start(reset=True)


@in_reactor
async def test_instances_share_the_calls(bench: Bench) -> None:
    host = bench.python(WORK, instances=3)
    await gatherResults([value(host, "slow_pid", 0.05) for _ in range(6)])
    await until(lambda: len(host.pool.ready) == 3, 10, "three instances")
    pids = await gatherResults([value(host, "slow_pid", 0.5) for _ in range(3)])
    assert len(set(pids)) == 3
    assert len(marked(bench.mark)) == 3


@in_reactor
async def test_a_call_that_cannot_be_cancelled_costs_only_its_instance(bench: Bench) -> None:
    source = WORK + "\nimport ctypes\ndef stuck(): ctypes.PyDLL(None).sleep(100)\n"
    host = bench.python(source, instances=2, cancel_grace=0.2)
    await value(host, "echo", 1)
    await until(lambda: len(host.pool.ready) == 2, 10, "two instances")
    before = {seat.instance.pid for seat in host.pool.ready if seat.instance}
    began = time.monotonic()
    fault = await fault_of(host, "stuck", timeout=0.2)
    assert fault.code == "timeout"
    assert time.monotonic() - began < bound(0.25)
    assert await value(host, "echo", 2) == 2
    await until(lambda: starts(host) == 3, 5, "a third instance")
    await until(lambda: len(host.pool.ready) == 2, 5, "two instances")
    after = {seat.instance.pid for seat in host.pool.ready if seat.instance}
    assert len(before & after) == 1


@pytest.mark.soak
@in_reactor
async def test_a_flood_of_output_breaks_no_call(bench: Bench) -> None:
    source = (
        WORK
        + """
def flood(stream, megabytes):
    out = getattr(sys, stream).buffer
    for _ in range(megabytes): out.write(os.urandom(2**20))
    out.flush()
    return megabytes
"""
    )
    host = bench.python(source, threads=2, log_size="1M", log_files=2, call_timeout=100)
    megabytes = scale(100)
    floods = [
        value(host, "flood", "stdout", megabytes, timeout=100),
        value(host, "flood", "stderr", scale(10), timeout=100),
    ]
    both = gatherResults(floods)
    good = 0
    while not both.called:
        assert await value(host, "echo", good, timeout=100) == good
        good += 1
    assert await both == [megabytes, scale(10)]
    kept = sum(path.stat().st_size for path in (bench.folder / "state" / "logs").iterdir())
    assert kept <= 2 * 2**20 + 2**16


@pytest.mark.soak
@in_reactor
async def test_no_late_answer_reaches_another_call(bench: Bench) -> None:
    source = (
        WORK
        + """
import asyncio
async def maybe(x, late):
    await asyncio.sleep(0.6 if late else 0)
    return x
"""
    )
    host = bench.python(source, max_concurrency=32)
    await value(host, "maybe", 0, False)
    wrong: list[object] = []
    timeouts: list[int] = []

    async def one(number: int) -> None:
        late = number % 20 == 0
        try:
            answer = await value(host, "maybe", number, late, timeout=0.1 if late else 60.0)
        except CallError as error:
            timeouts.append(number)
            if error.fault.code != "timeout" or not late:
                wrong.append(error.fault)
        else:
            if answer != number or late:
                wrong.append((number, answer))

    whole = scale(10_000)
    for begin in range(0, whole, 100):
        await gatherResults([ensureDeferred(one(begin + number)) for number in range(100)])
    assert wrong == []
    assert len(timeouts) == whole // 20


@in_reactor
async def test_service_stop_ends_a_family_that_ignores_term(bench: Bench) -> None:
    tree = str(__file__).replace("test_supervision.py", "programs/tree.py")
    host = bench.define("tree", kind="command", argv=["python3", tree], probe={"log": "^ready$"})
    await host.start()
    assert len(marked(bench.mark)) == 8
    began = time.monotonic()
    await bench.service.stopService()
    assert time.monotonic() - began < bound(3)
    assert marked(bench.mark) == set()


@in_reactor
async def test_stop_runs_within_the_grace_and_the_next_call_starts_again(bench: Bench) -> None:
    host = bench.python(WORK, stop_grace=1.0)
    first = await value(host, "pid")
    stuck = fault_of(host, "slow", 100, timeout=None)
    began = time.monotonic()
    await host.stop()
    assert time.monotonic() - began < 1.0 + 2.0
    assert (await stuck).code in ("died", "cancelled")
    assert marked(bench.mark) == set()
    assert await value(host, "pid") != first


@in_reactor
async def test_a_start_that_fails_says_why_with_the_log(bench: Bench) -> None:
    host = bench.python("import sys\nprint('hm', file=sys.stderr)\nraise KeyError('config')\n")
    fault = await fault_of(host, "echo", 1)
    assert (fault.code, fault.type) == ("start", "KeyError")
    assert "config" in fault.message
    assert "work.py" in fault.stack
    assert "hm" in fault.stderr_tail


@in_reactor
async def test_crashes_in_a_row_end_in_failed_until_it_is_started_again(bench: Bench) -> None:
    host = bench.python("import os\ndef die(): os._exit(3)\n", max_restarts=1)
    for _ in range(2):
        assert (await fault_of(host, "die")).code == "died"
    await until(lambda: bench.service.describe("work")["state"] == "failed", 5, "failed")
    fault = await fault_of(host, "die")
    assert fault.code == "failed"
    assert "status 3" in fault.message
    await host.start()
    assert bench.service.describe("work")["state"] == "ready"


@in_reactor
async def test_a_lease_holds_a_host_and_its_end_lets_it_go(bench: Bench) -> None:
    host = bench.python(WORK, idle_timeout=0.3)
    lease = host.leases.acquire()
    await host.start()
    await value(host, "slow", 0.5)
    assert bench.service.describe("work")["state"] == "ready"
    host.leases.release(lease)
    took = await until(lambda: not marked(bench.mark), 1.3, "the idle stop")
    assert took > 0.25
    host.leases.acquire(ttl=0.3)
    await host.start()
    await until(lambda: not marked(bench.mark), 1.6 + 0.3, "the idle stop after a lease")


@in_reactor
async def test_a_host_that_was_never_used_goes_too(bench: Bench) -> None:
    host = bench.python(WORK, idle_timeout=0.2)
    await host.start()
    assert len(marked(bench.mark)) == 1
    await until(lambda: not marked(bench.mark), 1.2, "the idle stop")
    assert await value(host, "echo", 1) == 1


@in_reactor
async def test_recycling_by_calls_and_memory_fails_no_call(bench: Bench) -> None:
    source = (
        WORK + "\nkept = []\ndef grow(): kept.append(bytearray(b'x') * 2**26); return len(kept)\n"
    )
    host = bench.python(source, recycle_calls=50, memory_limit="64M")
    first = await value(host, "pid")
    for number in range(60):
        assert await value(host, "echo", number) == number
    await until(lambda: starts(host) == 2, 5, "the second instance")
    await until(lambda: marked(bench.mark) and first not in marked(bench.mark), 5, "the switch")
    second = await value(host, "pid")
    await value(host, "grow")
    await until(lambda: second not in marked(bench.mark), 10, "the switch")
    assert await value(host, "pid") not in (first, second)
