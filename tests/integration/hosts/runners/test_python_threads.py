"""What runs at once in a python host, how it is interrupted, and its generators."""

from __future__ import annotations

import time

import pytest

from tests.integration.hosts.runners.conftest import Workshop
from tests.integration.parts import bound

TIMES = """
import threading, time
lock = threading.Lock()
running = most = 0
def work(seconds):
    global running, most
    with lock:
        running += 1
        most = max(most, running)
    time.sleep(seconds)
    with lock: running -= 1
async def later(seconds):
    work(0)
    global running, most
    running += 1
    most = max(most, running)
    import asyncio
    await asyncio.sleep(seconds)
    running -= 1
def peak(): return most
def spin():
    while True: pass
def stubborn():
    try:
        while True: time.sleep(0.01)
    except BaseException: return 'went on'
def threads(): return threading.current_thread() is threading.main_thread()
"""


@pytest.mark.parametrize(("threads", "peak"), [(1, 1), (3, 3)])
@pytest.mark.parametrize("function", ["work", "later"])
def test_as_many_calls_run_at_once_as_there_are_threads(
    shop: Workshop, threads: int, peak: int, function: str
) -> None:
    host = shop.python(TIMES, threads=threads)
    numbers = [host.begin(function, b"[0.1]") for _ in range(6)]
    assert {host.outcome(number)[0]["op"] for number in numbers} == {"result"}
    assert host.call("peak") == peak


def test_a_serial_host_answers_in_order_and_in_the_main_thread(shop: Workshop) -> None:
    host = shop.python(TIMES)
    numbers = [host.begin("work", f"[{wait}]".encode()) for wait in (0.1, 0.05, 0)]
    assert [host.read()[0]["id"] for _ in numbers] == numbers
    assert host.call("threads") is True


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("function", ["spin", "stubborn"])
def test_a_running_function_is_interrupted(shop: Workshop, threads: int, function: str) -> None:
    host = shop.python(TIMES, threads=threads)
    for _ in range(5):  # whichever thread gets it
        number = host.begin(function)
        host.send({"op": "ping", "id": 1})
        host.wait_for("pong")
        host.send({"op": "cancel", "id": number, "reason": "timeout"})
        assert host.fault_of(number)[0] == "cancelled"
        assert host.call("peak") == 0


def test_a_sleep_in_a_serial_host_is_interrupted(shop: Workshop) -> None:
    host = shop.python(TIMES)
    number = host.begin("work", b"[600]")
    host.send({"op": "ping", "id": 1})
    host.wait_for("pong")
    begun = time.monotonic()
    host.send({"op": "cancel", "id": number, "reason": "timeout"})
    assert host.fault_of(number)[0] == "cancelled"
    assert time.monotonic() - begun < bound(5)


def test_a_waiting_call_is_cancelled_without_being_run(shop: Workshop) -> None:
    host = shop.python(TIMES)
    first = host.begin("spin")
    second = host.begin("work", b"[0]")
    host.send({"op": "cancel", "id": second, "reason": "gone"})
    assert host.fault_of(second)[0] == "cancelled", "while the first still runs"
    host.send({"op": "cancel", "id": first, "reason": "gone"})
    assert host.fault_of(first)[0] == "cancelled"
    assert host.call("peak") == 0


def test_ping_is_answered_by_a_busy_host(shop: Workshop) -> None:
    host = shop.python(TIMES)
    host.begin("spin")
    host.send({"op": "ping", "id": 9})
    assert host.read()[0] == {"op": "pong", "id": 9}


def test_a_backlog_of_short_calls_does_not_hold_up_a_ping(shop: Workshop) -> None:
    host = shop.python(TIMES)
    numbers = [host.begin("work", b"[0.002]") for _ in range(300)]
    host.send({"op": "ping", "id": 1})
    seen = [host.read()[0] for _ in range(301)]
    assert [header["id"] for header in seen if header["op"] == "result"] == numbers
    assert seen.index({"op": "pong", "id": 1}) < 150


def test_short_and_long_calls_in_turn(shop: Workshop) -> None:
    host = shop.python(TIMES)
    for index in range(200):
        number = host.begin("work", b"[0.02]" if index % 10 == 0 else b"[0]")
        if index % 20 == 0:
            host.send({"op": "ping", "id": index + 1})
            assert host.wait_for("pong")[0]["id"] == index + 1
        assert host.outcome(number)[0]["op"] == "result"


@pytest.mark.parametrize("threads", [1, 4])
def test_stop_while_loading(shop: Workshop, threads: int) -> None:
    program = shop.program("python")
    path = shop.write("mine.py", "import time; time.sleep(0.3)\ndef f(): pass")
    program.start(kind="python", path=str(path), threads=threads)
    program.send({"op": "stop", "grace": 20})
    assert program.wait() == 0


STREAMS = """
import asyncio
log = []
def plain(n):
    try:
        for i in range(n): yield i
    finally: log.append('closed')
async def later(n):
    try:
        for i in range(n): yield i
    finally: log.append('closed')
async def inside(n): return plain(n)
def large():
    for x in (1, 2): yield bytes([x]) * 600_000
async def seen():
    while not log: await asyncio.sleep(0)  # it is cancelled at once, and closed a little later
    return log
def blocked():
    yield 1
    while True: pass
"""


@pytest.mark.parametrize("function", ["plain", "later", "inside"])
def test_generators_are_streams(shop: Workshop, function: str) -> None:
    host = shop.python(STREAMS)
    assert list(host.items(host.begin(function, b"[150]"))) == list(range(150))
    assert host.call("seen") == ["closed"]


@pytest.mark.parametrize("function", ["plain", "later"])
def test_a_cancelled_generator_is_closed(shop: Workshop, function: str) -> None:
    host = shop.python(STREAMS)
    number = host.begin(function, b"[1000]", window=1)
    host.wait_for("item")
    host.send({"op": "cancel", "id": number, "reason": "gone"})
    assert host.fault_of(number)[0] == "cancelled"
    assert host.call("seen") == ["closed"]


def test_large_items_come_whole_and_in_order(shop: Workshop) -> None:
    host = shop.python(STREAMS)
    assert [item[0] for item in host.items(host.begin("large"))] == [1, 2]


def test_a_generator_that_spins_is_interrupted(shop: Workshop) -> None:
    host = shop.python(STREAMS)
    number = host.begin("blocked")
    host.wait_for("item")
    host.send({"op": "cancel", "id": number, "reason": "timeout"})
    assert host.fault_of(number)[0] == "cancelled"


def test_tasks_of_the_event_loop_live_between_calls(shop: Workshop) -> None:
    host = shop.python(
        "import asyncio\nseen = []\n"
        "async def begin():\n"
        "    async def later():\n        await asyncio.sleep(0.05); seen.append('done')\n"
        "    seen.append(asyncio.create_task(later()))\n"
        "async def ask():\n    await seen[0]; return seen[1]\n"
    )
    host.call("begin")
    assert host.call("ask") == "done"
