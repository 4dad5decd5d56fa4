"""A document root that a real daemon serves, and what asks it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.integration.daemon import Daemon


class Site(Daemon):
    """A daemon with few threads over a folder; its log may hold tracebacks of scripts."""

    def __init__(self, folder: Path, root: Path, threads: int = 5) -> None:
        settings = SETTINGS.format(threads=threads)
        super().__init__(folder, "--root", str(root), settings=settings)
        self.root = root

    def put(self, name: str, source: str) -> None:
        """Write a file of the site."""
        (self.root / name).write_text(dedent(source))


SETTINGS = """
[scripts]
threads = {threads}
queue = 2
queue_wait = 20
max_zombies = 3
"""


def get(site: Daemon, path: str, timeout: float = 30, **headers: str) -> tuple[int, bytes]:
    """Return status and body. Raises http.client.IncompleteRead when it is cut off."""
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=timeout)) as link:
        link.request("GET", path, headers=headers)
        answer = link.getresponse()
        return answer.status, answer.read()


def together(count: int, call: Callable[[int], Any]) -> list[Any]:
    """Call in as many threads at once."""
    results: list[Any] = [None] * count

    def one(number: int) -> None:
        results[number] = call(number)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def event(answer: http.client.HTTPResponse) -> tuple[int, str, Any]:
    """Read the next event."""
    fields = {}
    while line := answer.readline().decode().rstrip("\n"):
        name, _, value = line.partition(": ")
        fields[name] = value
    return int(fields["id"]), fields["event"], json.loads(fields["data"])


def runs(site: Site) -> Any:
    """Return what the operator sees."""
    port = int(site.admin_url.rpartition(":")[2])
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as link:
        link.request("GET", "/-/runs/", headers={"Authorization": f"Bearer {site.token}"})
        answer = link.getresponse()
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())


def wait_for(condition: Callable[[], object]) -> None:
    """Wait for what another process brings about."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def event_stream(site: Site, script: str) -> bytes:
    """Run a script as an event-stream, and return all of it."""
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as link:
        link.request("POST", f"/-/run/{script}", "{}", {"Content-Type": "application/json"})
        answer = link.getresponse()
        assert answer.status == 200
        return answer.read()
