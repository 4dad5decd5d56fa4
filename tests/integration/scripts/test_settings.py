"""What settings, proxies and `__globals__.py` make of scripts, in a real daemon."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing
from textwrap import dedent

import pytest

from tests.integration.daemon import Daemon
from tests.integration.scripts.site import together, wait_for

SETTINGS = """
[http]
trusted_proxies = ["127.0.0.1"]
[scripts.folders.games]
output = "html"
concurrency = 1
[scripts.folders."games/slow"]
timeout = 0.2
"""


GLOBALS = """
import asyncio, __main__
from httpout import app
@app.on_worker_start
async def start(**_):
    app.logger.info('the hook begins')
    await asyncio.sleep(0.1)
    __main__.ready = True
@app.on_worker_stop
def stop(**_):
    app.logger.info('the hook ends')
"""
FILES = {
    "__globals__.py": GLOBALS,
    "ready.py": "print(__globals__.ready)",
    "outside.py": "print('a')",
    "games/inside.py": "print('a')",
    "games/own.py": "# hangerd: output=text\nprint('a')",
    "games/slow/late.py": "import time\ntime.sleep(30)",
    "games/one.py": """
        import time
        g = __globals__.__dict__
        g['n'] = g.get('n', 0) + 1
        print(g['n'])
        time.sleep(0.1)
        g['n'] -= 1
        """,
    "who.py": """
        from hangerd import request
        print(__server__.REMOTE_ADDR, request.ip, request.scheme, request.is_secure)
        """,
    "sub/send.py": """
        from hangerd import response, run
        run(response.sendfile('outside.py', 1, 4, 'text/x-python'))
        """,
}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One daemon over all of these files."""
    root = tmp_path_factory.mktemp("site")
    for name, source in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(dedent(source))
    folder = tmp_path_factory.mktemp("daemon")
    daemon = Daemon(folder, "--root", str(root), settings=SETTINGS).start()
    wait_for(lambda: "the hook begins" in daemon.log())  # before anybody asks
    yield daemon
    daemon.stop()
    assert daemon.log().count("the hook begins") == 1
    assert daemon.log().count("the hook ends") == 1
    assert "Traceback" not in daemon.log(), daemon.log()


def ask(daemon: Daemon, path: str, **fields: str) -> tuple[int, str | None, str]:
    """Return status, content type and text."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)) as link:
        link.request("GET", path, headers=headers)
        answer = link.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read().decode()


def test_settings_by_folder(daemon: Daemon) -> None:
    assert ask(daemon, "/outside.py") == (200, "text/plain; charset=utf-8", "a\n")
    assert ask(daemon, "/games/inside.py") == (200, "text/html; charset=utf-8", "a\n")
    assert ask(daemon, "/games/own.py") == (200, "text/plain; charset=utf-8", "a\n")
    assert ask(daemon, "/games/slow/late.py")[0] == 504
    assert {text for _, _, text in together(4, lambda _: ask(daemon, "/games/one.py"))} == {"1\n"}


def test_what_a_trusted_proxy_says(daemon: Daemon) -> None:
    told = {"X_Forwarded_For": "2001:db8::5", "X_Forwarded_Proto": "https"}
    assert ask(daemon, "/who.py", **told)[2] == "2001:db8::5 b'2001:db8::5' b'https' True\n"


def test_a_start_hook_ends_before_scripts_run(daemon: Daemon) -> None:
    assert ask(daemon, "/ready.py")[2] == "True\n"


def test_a_file_is_sent_from_the_root(daemon: Daemon) -> None:
    assert ask(daemon, "/sub/send.py") == (200, "text/x-python", "rint")
