"""Scripts run by each client: their events, answers, arguments, and how they are stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from twisted.internet import reactor

from hangerd.client import Asked, Client, Ended, Event, Printed, Refused, aio, connect, tx
from tests.integration.client.apart import run_apart
from tests.integration.daemon import Daemon
from tests.integration.hosts.family import in_reactor
from tests.integration.watching import wait_until

SCRIPT = """
import sys
print("to", input("who? "), sys.argv[1:])
print("oh", file=sys.stderr)
raise SystemExit(3)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon with a script."""
    root = tmp_path_factory.mktemp("root")
    (root / "two words.py").write_text(SCRIPT)
    (root / "endless.py").write_text("import time\nprint(1)\nwhile True: time.sleep(0.01)\n")
    daemon = Daemon(tmp_path_factory.mktemp("site"), "--root", str(root)).start()
    yield daemon
    daemon.stop()
    assert "Traceback" not in daemon.log(), daemon.log()


def told(events: list[Event]) -> tuple[str, str, int]:
    """All that was printed, to each stream, and the exit status."""
    texts = {True: "", False: ""}
    for event in events:
        if isinstance(event, Printed):
            texts[event.error] += event.text
    end = events[-1]
    assert isinstance(end, Ended)
    return texts[False], texts[True], end.status


WHOLE = ("to Ada ['one', 'two words']\n", "oh\n", 3)


@pytest.mark.parametrize("remote", [False, True])
def test_blocking(site: Daemon, remote: bool) -> None:
    where = (site.url, site.token) if remote else ()
    with connect(*where, state_dir=site.state_dir) as client:
        events = []
        with client.run("/two words.py", "one", "two words") as run:
            for event in run:
                events.append(event)
                if isinstance(event, Asked):
                    assert (event.prompt, event.password) == ("who? ", False)
                    client.slot(write=event.token).write("Ada")
        assert told(events) == WHOLE


def test_a_run_that_is_stopped_ends(site: Daemon) -> None:
    with connect(state_dir=site.state_dir) as client, client.run("endless.py") as run:
        assert next(run) == Printed("1\n")
        assert runs(client) == 1
        run.stop()
        [end] = run
        assert isinstance(end, Ended)
        assert end.status == 1
        assert "stopped" in end.error
        wait_until(lambda: runs(client) == 0)


def runs(client: Client) -> int:
    return len(client.status()["runs"]["runs"])


def test_what_is_no_script(site: Daemon) -> None:
    with connect(state_dir=site.state_dir) as client, pytest.raises(Refused) as caught:
        client.run("nothing.py")
    assert caught.value.status == 404


def test_asyncio(site: Daemon) -> None:
    async def whole() -> None:
        async with await aio.connect(state_dir=site.state_dir) as client:
            run = await client.run("two words.py", "one", "two words")
            assert told([event async for event in answered(client, run)]) == WHOLE
            assert (await client.status())["ready"]

    async def answered(client: aio.Client, run: AsyncIterator[Event]) -> AsyncIterator[Event]:
        async for event in run:
            if isinstance(event, Asked):
                await client.slot(write=event.token).write("Ada")
            yield event

    run_apart(whole())


@in_reactor
async def test_twisted(site: Daemon) -> None:
    client = await tx.connect(reactor, state_dir=site.state_dir)
    run = await client.run("endless.py")
    events = []
    async for event in run:
        events.append(event)
        await run.stop()
    assert told(events)[::2] == ("1\n", 1)
    assert (await client.status())["slots"]["waiting"] == 0
    await client.close()


def test_the_public_address_tells_no_numbers(site: Daemon) -> None:
    with connect(site.url, site.token) as client:
        assert client.status() == {"ready": True, "hosts": {}, "slots": None, "runs": None}
    with connect(site.admin_url, site.token) as client:
        assert client.status()["slots"]["slots"] == 0
