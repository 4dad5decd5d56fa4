"""The access log about scripts, by a real daemon."""

from __future__ import annotations

import re

from tests.integration.http import Connection
from tests.integration.scripts.site import Site, event_stream, get, wait_for

LINE = (
    r"127\.0\.0\.1 (\w+) (\S+) (\d+) \d+B [\d.]+s (\S+) \[[0-9a-f]{16}\] waited [\d.e-]+s ?(\w*)\n"
)


def told(site: Site) -> list[tuple[str, ...]]:
    """Return what the log says of runs: method, path, status, script, how it ended."""
    return [tuple(found) for found in re.findall(LINE, site.log())]


def test_how_runs_ended(site: Site) -> None:
    site.put("hello.py", "print('hello')")
    site.put("status.py", "print('so far', flush=True)\nexit(2)")
    site.put("endless.py", "# hangerd: timeout=0.5\nimport time\nwhile True: time.sleep(0.01)")
    site.put("long.py", "import time\nprint('begun', flush=True)\ntime.sleep(600)")
    for name in ("hello.py", "hello.py/more?secret", "status.py", "endless.py"):
        get(site, f"/{name}")
    with Connection(site.port) as link:
        link.send("GET", "/long.py")
        link.read_until(b"begun")
    assert event_stream(site, "hello.py")
    wanted = [
        ("GET", "/hello.py", "200", "/hello.py", ""),
        ("GET", "/hello.py/more", "200", "/hello.py", ""),
        ("GET", "/status.py", "200", "/status.py", "exit"),
        ("GET", "/endless.py", "504", "/endless.py", "timeout"),
        ("GET", "/long.py", "200", "/long.py", "disconnect"),
        ("POST", "/-/run/hello.py", "200", "/hello.py", ""),
    ]
    wait_for(lambda: len(told(site)) >= len(wanted))
    assert sorted(told(site)) == sorted(wanted)
