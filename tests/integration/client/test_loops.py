"""The clients for asyncio and Twisted: the same answers, many at once on one connection."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred, gatherResults

from hangerd.client import CallTimeout, Host, RemoteError, SlotClosed, Unreachable, aio, tx
from tests.integration.client.apart import run_apart
from tests.integration.daemon import Daemon
from tests.integration.hosts.family import in_reactor
from tests.integration.parts import scale
from tests.integration.watching import wait_until

Work = Callable[[aio.Client], Awaitable[None]]


def in_loop(daemon: Daemon, work: Work, *, remote: bool = False) -> None:
    """Run a coroutine with a client of its own, in a loop of its own."""

    async def whole() -> None:
        where = (daemon.url, daemon.token) if remote else ()
        async with await aio.connect(*where, state_dir=daemon.state_dir) as client:
            await work(client)

    run_apart(whole())


@pytest.mark.parametrize("remote", [False, True])
def test_asyncio(daemon: Daemon, work: Host, remote: bool) -> None:
    async def calls(client: aio.Client) -> None:
        host = client.host(work.name)
        assert await host.echo({"ä": [1]}) == {"ä": [1]}
        assert await asyncio.gather(*(host.echo(n) for n in range(90))) == list(range(90))
        assert [n async for n in host.stream("count", 300)] == list(range(300))
        assert len(await host.echo(bytes(2_000_000))) == 2_000_000
        with pytest.raises(RemoteError):
            await host.boom()
        with pytest.raises(CallTimeout):
            await host.call("forever", timeout=0.1)
        async with host:
            assert (await host.state())["leases"] == 1

    in_loop(daemon, calls, remote=remote)


def test_asyncio_gives_up_what_is_cancelled_and_nothing_else(daemon: Daemon, work: Host) -> None:
    async def calls(client: aio.Client) -> None:
        host = client.host(work.name)
        lost = asyncio.create_task(host.call("forever", timeout=0))
        kept = asyncio.create_task(host.call("slow", 0.5))
        await asyncio.sleep(0)
        while (await host.state())["instances"][0]["in_flight"] < 2:
            await asyncio.sleep(0.01)
        lost.cancel()
        with pytest.raises(asyncio.CancelledError):
            await lost
        assert await kept == 0.5

    work.start()
    in_loop(daemon, calls)
    wait_until(lambda: work.state()["instances"][0]["in_flight"] == 0)


def test_asyncio_asks_the_heir_of_a_host_that_was_killed_while_idle(
    daemon: Daemon, work_file: str
) -> None:
    async def calls(client: aio.Client) -> None:
        host = await client.python(work_file, name="idle-asyncio", direct=True)
        for _ in range(scale(30)):
            first = await host.pid()
            os.kill(first, signal.SIGKILL)
            assert await host.pid() != first
            await host.start()  # one that ends so soon would be started later and later
        await host.remove()

    in_loop(daemon, calls)


def test_asyncio_slots(daemon: Daemon) -> None:
    async def slots(client: aio.Client) -> None:
        slot = await client.open()
        reading = asyncio.create_task(slot.read())
        assert await client.slot(write=slot.write_token).write("ä", wait=20)
        assert await reading == "ä"
        ended = await client.open()
        await ended.close("eof")
        with pytest.raises(SlotClosed):
            await ended.read()

    in_loop(daemon, slots)


@in_reactor
async def test_twisted(daemon: Daemon, work_file: str) -> None:
    client = await tx.connect(reactor, state_dir=daemon.state_dir)
    host = await client.python(work_file, threads=4)
    assert await host.echo({"ä": [1]}) == {"ä": [1]}
    assert await gatherResults([host.echo(n) for n in range(90)]) == list(range(90))
    assert [n async for n in host.stream("count", 300)] == list(range(300))
    assert len(await host.echo(bytes(2_000_000))) == 2_000_000
    with pytest.raises(RemoteError):
        await host.boom()
    with pytest.raises(CallTimeout):
        await host.call("forever", timeout=0.1)
    lease = host.lease()
    await lease.hold()
    assert (await host.state())["leases"] == 1
    await lease.release()
    slot = await client.open()
    reading = slot.read()
    assert await slot.write("ä", wait=20)
    assert await reading == "ä"
    given_up = host.call("forever", timeout=0)
    given_up.cancel()
    with pytest.raises(CancelledError):
        await given_up
    assert await host.echo(1) == 1
    await host.remove()
    await client.close()


@in_reactor
async def test_twisted_asks_the_heir_of_a_host_that_was_killed_while_idle(
    daemon: Daemon, work_file: str
) -> None:
    client = await tx.connect(reactor, state_dir=daemon.state_dir)
    host = await client.python(work_file, name="idle-twisted", direct=True)
    for _ in range(scale(30)):
        first = await host.pid()
        os.kill(first, signal.SIGKILL)
        assert await host.pid() != first
        await host.start()
    await host.remove()
    await client.close()


@in_reactor
async def test_twisted_over_http(daemon: Daemon, work: Host) -> None:
    client = await tx.connect(reactor, daemon.url, daemon.token)
    host = client.host(work.name)
    assert await gatherResults([host.echo(n) for n in range(20)]) == list(range(20))
    assert [n async for n in host.stream("count", 300)] == list(range(300))
    await client.close()
    failing: Deferred[tx.Client] = tx.connect(reactor, "http://127.0.0.1:1")
    with pytest.raises(Unreachable):
        await ensureDeferred(failing)
