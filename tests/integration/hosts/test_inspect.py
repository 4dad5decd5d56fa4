"""Node's inspector: each process has its own, also while one takes over from another."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

from hangerd.hosts.host import Host
from tests.integration.hosts.bench import Bench, value
from tests.integration.hosts.family import in_reactor, until
from tests.integration.parts import require

SOURCE = "module.exports = {functions: {version: () => %d}};"


def debuggers(bench: Bench, host: Host) -> list[str]:
    """The addresses that the state shows, each of which must accept a connection."""
    instances: list[dict[str, Any]] = bench.service.describe(host.name)["instances"]
    found = [one["inspector"] for one in instances if one["state"] == "ready"]
    for url in found:
        at = urlsplit(url)
        assert (at.scheme, at.hostname) == ("ws", "127.0.0.1")
        socket.create_connection((at.hostname, at.port), 5).close()
    return found


@in_reactor
async def test_the_debugger_is_there_after_an_edit(bench: Bench) -> None:
    require("node")
    bench.write("host.config.js", SOURCE % 1)
    host = bench.define("js", kind="js", path="host.config.js", inspect=0)
    assert await value(host, "version") == 1
    (first,) = debuggers(bench, host)
    bench.write("host.config.js", SOURCE % 2)
    seen = [1]
    while seen[-1] == 1 and len(seen) < 20_000:
        seen.append(await value(host, "version"))
    assert seen[-1] == 2
    (second,) = debuggers(bench, host)
    assert second != first


@in_reactor
async def test_each_instance_has_its_own(bench: Bench) -> None:
    require("node")
    bench.write("host.config.js", SOURCE % 1)
    host = bench.define("js", kind="js", path="host.config.js", inspect=0, instances=2)
    await host.start()
    await until(lambda: len(host.pool.ready) == 2, 20, "two instances")
    assert len(set(debuggers(bench, host))) == 2
