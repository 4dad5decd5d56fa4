"""TLS to a daemon elsewhere, from each kind of client, with an authority of one's own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from twisted.internet import reactor

from hangerd.client import CallTimeout, Unreachable, aio, connect, tx
from tests.integration.client.apart import run_apart
from tests.integration.client.conftest import WORK
from tests.integration.daemon import Daemon
from tests.integration.hosts.family import in_reactor
from tests.integration.parts import WHOLE, require

BIG = bytes(range(256)) * 8192  # 2 MiB


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority (ca.pem), another (other.pem), and what the first made: server.pem."""
    folder = tmp_path_factory.mktemp("certificates")
    new = [require("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    new += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    for name in ("ca", "other"):
        made = ["-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        run([*new, *made, "-addext", "keyUsage=critical,keyCertSign"], folder)
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=server"]
    named = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE"]
    run([*new, *signed, *named, "-keyout", "key.pem", "-out", "chain.pem"], folder)
    server = (folder / "key.pem").read_text() + (folder / "chain.pem").read_text()
    (folder / "server.pem").write_text(server)
    (folder / "empty.pem").write_text("nothing\n")
    return folder


def run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def secure(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon with a port for TLS and a plain one, and a host named work."""
    folder = tmp_path_factory.mktemp("secure")
    (folder / "work.py").write_text(WORK)
    tls = f"ssl:0:interface=127.0.0.1:privateKey={certificates / 'server.pem'}"
    daemon = Daemon(
        folder,
        *("--port", tls, "--port", "tcp:0:interface=127.0.0.1"),
        settings='[hosts.work]\nkind = "python"\npath = "work.py"\n',
    ).start()
    yield daemon
    daemon.stop()
    assert "Traceback" not in daemon.log(), daemon.log()


def port(daemon: Daemon, number: int = 0) -> int:
    return [int(at.rpartition(":")[2]) for at in daemon.told["public"]][number]


def from_a_thread(url: str, token: str, ca: Path | None = None) -> None:
    with connect(url, token, ca=ca) as client:
        host = client.host("work")
        assert host.echo(BIG) == BIG
        assert list(host.stream("count", 300)) == list(range(300))
        with pytest.raises(CallTimeout):
            host.call("forever", timeout=0.2)
        slot = client.open()
        with pytest.raises(TimeoutError):
            slot.read(timeout=0.2)
        slot.write("over TLS")
        assert slot.read(timeout=30) == "over TLS"
        with host:
            assert host.state()["leases"] == 1


def from_asyncio(url: str, token: str, ca: Path | None = None) -> None:
    async def work() -> None:
        async with await aio.connect(url, token, ca=ca) as client:
            host = client.host("work")
            assert await host.echo(BIG) == BIG
            assert [n async for n in host.stream("count", 300)] == list(range(300))
            with pytest.raises(CallTimeout):
                await host.call("forever", timeout=0.2)

    run_apart(work())


async def from_twisted(url: str, token: str, ca: Path | None = None) -> None:
    client = await tx.connect(reactor, url, token, ca=ca)
    host = client.host("work")
    assert await host.echo(BIG) == BIG
    assert [n async for n in host.stream("count", 300)] == list(range(300))
    with pytest.raises(CallTimeout):
        await host.call("forever", timeout=0.2)
    await client.close()


Use = Callable[..., None]
by_each = pytest.mark.parametrize("use", [from_a_thread, from_asyncio])
# What is wrong: the host's name, which port, the authority; what is said, and what to do.
WRONG = [
    pytest.param("localhost", 0, "other.pem", "is not trusted", "HANGERD_CA", id="authority"),
    pytest.param("localhost", 0, None, "is not trusted", "HANGERD_CA", id="system"),
    pytest.param("127.0.0.1", 0, "ca.pem", "is not for 127.0.0.1", "name", id="name"),
    pytest.param("localhost", 1, "ca.pem", "speaks no TLS", "http://", id="plain"),
    pytest.param("localhost", 0, "empty.pem", "empty.pem", "PEM", id="empty"),
    pytest.param("localhost", 0, "absent.pem", "absent.pem", "PEM", id="absent"),
]
each_wrong = pytest.mark.parametrize(("host", "number", "ca", "says", "remedy"), WRONG)


@by_each
def test_it_works(secure: Daemon, certificates: Path, use: Use) -> None:
    use(f"https://localhost:{port(secure)}", secure.token, certificates / "ca.pem")


@by_each
def test_the_environment_may_name_the_authority(
    secure: Daemon, certificates: Path, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANGERD_CA", str(certificates / "ca.pem"))
    use(f"https://localhost:{port(secure)}", secure.token)


@in_reactor
async def test_with_twisted(secure: Daemon, certificates: Path) -> None:
    url = f"https://localhost:{port(secure)}"
    await from_twisted(url, secure.token, certificates / "ca.pem")


def check(error: Unreachable, says: str, remedy: str) -> None:
    assert says in str(error)
    assert remedy in error.remedy


@by_each
@each_wrong
def test_what_is_wrong_is_said(
    secure: Daemon,
    certificates: Path,
    use: Use,
    host: str,
    number: int,
    ca: str | None,
    says: str,
    remedy: str,
) -> None:
    trusted = None if ca is None else certificates / ca
    with pytest.raises(Unreachable) as caught:
        use(f"https://{host}:{port(secure, number)}", secure.token, trusted)
    check(caught.value, says, remedy)


@each_wrong
@in_reactor
async def test_what_is_wrong_is_said_with_twisted(
    secure: Daemon,
    certificates: Path,
    host: str,
    number: int,
    ca: str | None,
    says: str,
    remedy: str,
) -> None:
    trusted = None if ca is None else certificates / ca
    with pytest.raises(Unreachable) as caught:
        await from_twisted(f"https://{host}:{port(secure, number)}", secure.token, trusted)
    check(caught.value, says, remedy)


@pytest.mark.soak
@pytest.mark.skipif(not WHOLE, reason="takes six seconds: make soak")
def test_a_read_that_waits_long_is_no_timeout(secure: Daemon, certificates: Path) -> None:
    url = f"https://localhost:{port(secure)}"
    with connect(url, secure.token, ca=certificates / "ca.pem") as client:
        host = client.host("work")
        assert host.call("slow", 6.0) == 6.0  # longer than one look at the socket
