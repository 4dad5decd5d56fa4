"""Scripts by websocket, in a real daemon: limits, every way to an end."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.http import Connection
from tests.integration.nginx import Nginx
from tests.integration.parts import bound
from tests.integration.scripts.site import Site, get, runs, wait_for
from tests.integration.scripts.socket_client import websocket

ECHO = """
    from hangerd import run, websocket
    async def main():
        async for message in websocket:
            await websocket.send(message)
        print('after', file=__import__('sys').stderr)
    if websocket is None:
        print('no websocket')
    else:
        run(main())
    """


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One daemon for all; each test has scripts of its own."""
    site = Site(tmp_path_factory.mktemp("daemon"), tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    assert site.stop() < bound(6)
    assert "Traceback" not in site.log(), site.log()


def test_a_conversation(site: Site) -> None:
    site.put("echo.py", ECHO)
    assert get(site, "/echo.py") == (200, b"no websocket\n")
    with websocket(site.port, "/echo.py") as client:
        for message in ("é", b"\0\xff", "", "x" * 100_000, bytes(2 * 2**20)):
            client.send(message)
            assert client.recv() == message
        client.close()
    wait_for(lambda: "/echo.py: after [" in site.log())
    wait_for(lambda: runs(site)["runs"] == [])


def test_behind_nginx(start_daemon: StartDaemon, tmp_path: Path) -> None:
    (root := tmp_path / "site").mkdir()
    (root / "echo.py").write_text(dedent(ECHO))
    daemon = start_daemon("--root", str(root))
    (folder := tmp_path / "nginx").mkdir()
    nginx = Nginx(folder, daemon.port)
    try:
        for port, path in ((daemon.port, ""), (nginx.port, ""), (nginx.port, "/hangerd")):
            origin = [(b"origin", f"http://127.0.0.1:{port}".encode())]
            with websocket(port, f"{path}/echo.py", extra_headers=origin) as client:
                client.send("hello")
                assert client.recv() == "hello"
                client.close()
    finally:
        nginx.stop()


def test_an_open_websocket_holds_no_thread(site: Site) -> None:
    site.put("echo.py", ECHO)
    with ExitStack() as stack:
        clients = [stack.enter_context(websocket(site.port, "/echo.py")) for _ in range(30)]
        for number, client in enumerate(clients):
            client.send(str(number))
        assert [client.recv() for client in clients] == [str(n) for n in range(30)]
        wait_for(lambda: runs(site)["busy"] == 0)


def test_all_of_the_script_side(site: Site) -> None:
    site.put(
        "all.py",
        """
        from hangerd import wait, websocket
        from httpout import websocket as same
        from httpout.exceptions import WebSocketServerClosed
        async def main():
            assert same is websocket
            await websocket.accept('two')
            try:
                await websocket.receive(0.05)
            except TimeoutError:
                await websocket.send('nothing yet')
            await websocket.ping(b'p')
            await websocket.pong()
            await websocket.send(memoryview(await websocket.recv()))
            await websocket.close(3000, 'over')
            try:
                await websocket.recv()
            except WebSocketServerClosed as error:
                return str(error)
        import sys
        print(wait(main()), file=sys.stderr)
        """,
    )
    with websocket(site.port, "/all.py", subprotocols=["one", "two"]) as client:
        assert client.subprotocol == "two"
        assert client.recv() == "nothing yet"
        client.send(b"bytes")
        assert (client.recv(), client.recv(), client.close_code) == (b"bytes", None, 3000)
    wait_for(lambda: "/all.py: closed with 3000 [" in site.log())


def test_a_console_script_by_websocket(site: Site) -> None:
    site.put("name.py", "name = input('name? ')\nprint('Hello,', name)")
    with websocket(site.port, "/name.py") as client:
        asked = client.told()
        assert (asked["event"], asked["prompt"], asked["password"]) == ("input", "name? ", False)
        with Connection(site.port) as link:
            assert link.ask("POST", f"/hanger/{asked['token']}/write/", b"Ada").status == 200
        assert client.told() == {"event": "out", "text": "Hello, Ada\n"}
        assert (client.recv(), client.close_code) == (None, 1000)


def test_no_limit_of_time_while_it_is_open(site: Site) -> None:
    site.put(
        "late.py",
        """
        # hangerd: timeout=2
        import asyncio
        from hangerd import wait, websocket
        async def main():
            await websocket.accept()
            await asyncio.sleep(3)
            await websocket.send('late')
        wait(main())
        """,
    )
    with websocket(site.port, "/late.py") as client:
        assert (client.recv(), client.recv(), client.close_code) == ("late", None, 1000)


@pytest.mark.parametrize("clean", [True, False])
def test_who_leaves_ends_a_script_that_only_sends(site: Site, clean: bool) -> None:
    name = f"clock{clean}.py"
    site.put(
        name,
        """
        import asyncio, time
        from hangerd import run, websocket
        async def main():
            while True:
                await websocket.send(str(time.time()))
                await asyncio.sleep(0.01)
        run(main())
        """,
    )
    with websocket(site.port, f"/{name}") as client:
        assert client.recv()
        if clean:
            client.close()
        else:
            client.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_for(lambda: f"/{name}: the visitor left" in site.log())
    assert runs(site)["runs"] == []


def test_who_leaves_ends_a_script_that_does_not_look(site: Site) -> None:
    site.put(
        "deaf.py",
        """
        import asyncio
        from hangerd import wait, websocket
        async def main():
            await websocket.accept()
            await asyncio.sleep(1e6)
        wait(main())
        """,
    )
    with websocket(site.port, "/deaf.py"):
        pass
    wait_for(lambda: "/deaf.py: the visitor left" in site.log())
    wait_for(lambda: runs(site)["busy"] == 0)


def sent(site: Site) -> int:
    """How many bytes the only run has sent so far."""
    total: int = runs(site)["runs"][0]["bytes"]
    return total


def settled(site: Site) -> bool:
    """Whether it has begun to send, and has stopped."""
    before = sent(site)
    time.sleep(0.2)
    return 0 < before == sent(site)


def test_a_slow_client_is_waited_for(site: Site) -> None:
    site.put(
        "much.py",
        """
        from hangerd import run, websocket
        async def main():
            for n in range(50):
                await websocket.send(bytes(2 ** 20))
        if websocket is not None:
            run(main())
        """,
    )
    get(site, "/much.py")
    before = site.measured.memory_info().rss
    with websocket(site.port, "/much.py") as client:
        wait_for(lambda: settled(site))
        assert sent(site) < 10 * 2**20
        assert site.measured.memory_info().rss - before < 16 * 2**20
        assert [len(client.recv() or b"") for _ in range(50)] == [2**20] * 50


def test_a_slow_script_is_waited_for(site: Site) -> None:
    site.put(
        "slow.py",
        """
        import asyncio
        from hangerd import run, websocket
        async def main():
            await websocket.accept()
            while await websocket.recv() != 'go':
                pass
            await asyncio.sleep(1)
            size = 0
            async for message in websocket:
                size += len(message)
                if size == 20 * 2 ** 20:
                    await websocket.send(str(size))
        run(main())
        """,
    )
    with websocket(site.port, "/slow.py") as client:
        client.send("go")
        before = site.measured.memory_info().rss
        most = 0
        for _ in range(20 * 16):
            client.send(bytes(2**16))
            most = max(most, site.measured.memory_info().rss - before)
        assert client.recv() == str(20 * 2**20)
    assert most < 10 * 2**20


def test_limits_and_refusals(site: Site) -> None:
    site.put("small.py", "# hangerd: message=1K\n" + dedent(ECHO))
    with websocket(site.port, "/small.py") as client:
        client.send("x" * 1024)
        assert client.recv() == "x" * 1024
        client.send("x" * 1025)
        assert (client.recv(), client.close_code) == (None, 1009)
    elsewhere = [(b"origin", b"https://elsewhere.example")]
    with websocket(site.port, "/small.py", extra_headers=elsewhere) as client:
        assert client.status == 403
    with websocket(site.port, "/none.py") as client:
        assert client.status == 404


def test_the_daemon_stops(start_daemon: StartDaemon, tmp_path: Path) -> None:
    (root := tmp_path / "site").mkdir()
    (root / "echo.py").write_text(dedent(ECHO))
    daemon = start_daemon("--root", str(root))
    with websocket(daemon.port, "/echo.py") as client:
        client.send("hello")
        assert client.recv() == "hello"
        daemon.process.terminate()
        assert (client.recv(), client.close_code) == (None, 1001)
    assert daemon.stop() < bound(6)
