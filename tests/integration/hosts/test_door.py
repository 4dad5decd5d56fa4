"""The door and the direct socket, by real Unix sockets: who may, what comes, what it costs."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults
from twisted.internet.endpoints import UNIXServerEndpoint
from twisted.internet.task import deferLater

from hangerd.hosts.door import DoorFactory
from hangerd.web.connections import Connections
from tests.integration.hosts.bench import Bench
from tests.integration.hosts.caller import Caller, connect
from tests.integration.hosts.family import in_reactor, marked, until

WORK = """
import os, time
def echo(x=b""): return x
def pid(): return os.getpid()
def slow(s):
    time.sleep(s)
    return s
def count(n):
    for i in range(n): yield i
def big(n): return bytes(n)
def boom(): raise LookupError("no")
"""


class Door:
    def __init__(self, bench: Bench, factory: DoorFactory, path: str) -> None:
        self.bench = bench
        self.factory = factory
        self.path = path

    async def enter(self, **hello: object) -> Caller:
        caller = await connect(self.path, **hello)
        assert (await caller.next(0)).op == "welcome"
        return caller


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def door(bench: Bench, tmp_path: Path) -> AsyncIterator[Door]:
    path = str(tmp_path / "calls")
    tokens = {"all": "*", "one": "work"}
    crowd = Connections(100)
    factory = DoorFactory(bench.service, tokens.get, reactor, crowd)
    port = await UNIXServerEndpoint(reactor, path, mode=0o600).listen(factory)
    yield Door(bench, factory, path)
    await port.stopListening()
    await crowd.close().addTimeout(2, reactor)


@in_reactor
async def test_a_call_its_faults_and_the_mode(door: Door) -> None:
    assert stat.S_IMODE(Path(door.path).stat().st_mode) == 0o600
    door.bench.python(WORK)
    caller = await door.enter()
    assert await caller.call("work", "echo", {"ä": [1, None]}) == {"ä": [1, None]}
    assert await caller.call("nobody", "echo", 1) == "no_host"
    assert await caller.call("work", "nothing") == "no_function"
    assert await caller.call("work", "slow", 5, timeout=0.1) == "timeout"
    assert await caller.call("work", "echo", 1, timeout="soon") == "arguments"
    assert await caller.call("work", "echo", 1, accept="pickle") == "pickle"
    frame = await caller.ask("call", host="work", function="boom")
    said = json.loads(frame.payload)
    assert (frame.header["code"], said["type"], said["host"]) == ("function", "LookupError", "work")
    assert "boom" in said["stack"]
    assert (await caller.ask("ping")).op == "pong"


@in_reactor
async def test_a_hundred_calls_at_once_each_get_their_own_answer(door: Door) -> None:
    door.bench.python(WORK, threads=4)
    callers = [await door.enter() for _ in range(4)]
    calls = [
        ensureDeferred(callers[number % 4].call("work", "echo", number)) for number in range(100)
    ]
    assert await gatherResults(calls) == list(range(100))


@in_reactor
async def test_a_stream_obeys_its_window(door: Door) -> None:
    door.bench.python(WORK)
    caller = await door.enter()
    number = caller.send("call", b"[1000]", host="work", function="count", window=10)
    for expected in range(10):
        assert json.loads((await caller.next(number)).payload) == expected
    assert (await caller.ask("ping")).op == "pong"
    assert not caller.came.get(number)
    caller.send("credit", number=number, items=991)
    for expected in range(10, 1000):
        assert json.loads((await caller.next(number)).payload) == expected
    assert (await caller.next(number)).op == "end"


@in_reactor
async def test_fifty_megabytes_pass_without_being_collected(door: Door) -> None:
    door.bench.python(WORK)
    caller = await door.enter()
    warm = await caller.ask("call", bytes(10**6), host="work", function="echo", type="bytes")
    assert len(warm.payload) == 10**6
    daemon = psutil.Process()
    payload = bytes(50_000_000)
    caller.assembler = Nothing()  # type: ignore[assignment]
    before = peak = daemon.memory_info().rss
    caller.bytes_came = 0
    caller.send("call", b"[50000000]", host="work", function="big", timeout=60)
    while caller.bytes_came < len(payload):
        await deferLater(reactor, 0.002)
        peak = max(peak, daemon.memory_info().rss)
    assert peak - before < 8 * 2**20


class Nothing:
    """Puts nothing together: keeps faults and drops the rest."""

    def add(self, frame: object) -> object:
        return frame if getattr(frame, "op", "") == "fault" else None


@in_reactor
async def test_a_slow_reader_is_waited_for_and_others_go_on(door: Door) -> None:
    door.bench.python(WORK, instances=2)
    slow, quick = await door.enter(), await door.enter()
    assert slow.transport is not None
    slow.transport.pauseProducing()  # type: ignore[attr-defined]
    number = slow.send("call", b"[20000000]", host="work", function="big", timeout=60)
    await until(lambda: len(door.bench.service.get("work").pool.ready) == 2, 10, "two instances")
    for expected in range(20):
        assert await quick.call("work", "echo", expected) == expected
    slow.transport.resumeProducing()  # type: ignore[attr-defined]
    assert len((await slow.next(number)).payload) == 20_000_000


@in_reactor
async def test_cancel_and_leaving_free_the_instance(door: Door) -> None:
    source = WORK + "\ndef wait():\n    while True: time.sleep(0.01)\n"
    host = door.bench.python(source)
    caller = await door.enter()
    number = caller.send("call", host="work", function="wait", timeout=None)
    await until(lambda: any(seat.load for seat in host.pool.seats), 5, "the call")
    pid = host.pool.ready[0].instance.pid  # type: ignore[union-attr]
    caller.send("cancel", number=number, reason="cancelled")
    assert (await caller.next(number)).header["code"] == "cancelled"
    assert await caller.call("work", "pid") == pid
    caller.send("call", host="work", function="wait", timeout=None)
    await until(lambda: any(seat.load for seat in host.pool.seats), 5, "the call")
    assert caller.transport is not None
    caller.transport.loseConnection()
    other = await door.enter()
    assert await other.call("work", "pid") == pid


@in_reactor
async def test_a_lease_ends_with_its_connection(door: Door) -> None:
    door.bench.python(WORK, idle_timeout=0.2)
    caller = await door.enter()
    answer = await caller.ask("lease", host="work")
    assert json.loads(answer.payload) == {"host": "work", "state": "ready"}
    assert await caller.call("work", "slow", 0.4) == 0.4
    assert len(marked(door.bench.mark)) == 1
    assert caller.transport is not None
    caller.transport.abortConnection()  # type: ignore[attr-defined]
    await until(lambda: not marked(door.bench.mark), 1.2, "the idle stop")


@in_reactor
async def test_tokens_open_what_they_are_good_for(door: Door) -> None:
    door.factory.peer_uid = lambda transport: 12345
    door.bench.python(WORK)
    door.bench.python(WORK, name="other")
    caller = await door.enter(token="one")
    assert await caller.call("work", "echo", 1) == 1
    assert await caller.call("other", "echo", 1) == "denied"
    everything = await door.enter(token="all")
    assert await everything.call("other", "echo", 2) == 2
    for hello in ({}, {"token": "wrong"}, {"token": 5}):
        refused = await connect(door.path, **hello)
        assert (await refused.next(0)).header["code"] == "denied"
        await refused.end()


@in_reactor
async def test_whoever_breaks_the_protocol_is_sent_away(door: Door) -> None:
    for first in (b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x06\x00\x00\x00\x02{}"):
        caller = await connect(door.path)
        assert caller.transport is not None
        caller.transport.write(first)
        await caller.end()
    other = await door.enter()
    other.send("stop")
    await other.end()


@in_reactor
async def test_a_direct_socket_with_its_ticket(door: Door) -> None:
    door.bench.python(WORK, idle_timeout=0.2)
    caller = await door.enter()
    ticket = json.loads((await caller.ask("ticket", host="work")).payload)
    direct = await connect(ticket["socket"], ticket=ticket["ticket"])
    assert (await direct.next(0)).op == "welcome"
    pid = await direct.call("", "pid")
    assert await direct.call("", "slow", 0.5) == 0.5
    assert await caller.call("work", "pid") == pid
    again = await connect(ticket["socket"], ticket=ticket["ticket"])
    await again.end()
    assert direct.transport is not None
    direct.transport.loseConnection()
    await until(lambda: not marked(door.bench.mark), 1.5, "the idle stop")
    await until(lambda: not Path(ticket["socket"]).exists(), 2, "the socket's end")
