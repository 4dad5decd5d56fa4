"""What settings, proxies and `__globals__.py` make of scripts, in a real daemon."""

from __future__ import annotations

import http.client
from contextlib import closing
from pathlib import Path
from textwrap import dedent

from tests.integration.conftest import StartDaemon
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


def serve(start_daemon: StartDaemon, root: Path, **files: str) -> Daemon:
    """Serve files, by their names with `__` for a slash."""
    for name, source in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source))
    return start_daemon("--root", str(root), settings=SETTINGS)


def ask(daemon: Daemon, path: str, **fields: str) -> tuple[int, str | None, str]:
    """Return status, content type and text."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)) as link:
        link.request("GET", path, headers=headers)
        answer = link.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read().decode()


def test_settings_by_folder(start_daemon: StartDaemon, tmp_path: Path) -> None:
    daemon = serve(
        start_daemon,
        tmp_path / "site",
        outside="print('a')",
        games__inside="print('a')",
        games__own="# hangerd: output=text\nprint('a')",
        games__slow__late="import time\ntime.sleep(30)",
        games__one="""
            import time
            g = __globals__.__dict__
            g['n'] = g.get('n', 0) + 1
            print(g['n'])
            time.sleep(0.1)
            g['n'] -= 1
            """,
    )
    assert ask(daemon, "/outside.py") == (200, "text/plain; charset=utf-8", "a\n")
    assert ask(daemon, "/games/inside.py") == (200, "text/html; charset=utf-8", "a\n")
    assert ask(daemon, "/games/own.py") == (200, "text/plain; charset=utf-8", "a\n")
    assert ask(daemon, "/games/slow/late.py")[0] == 504
    assert {text for _, _, text in together(4, lambda _: ask(daemon, "/games/one.py"))} == {"1\n"}


def test_what_a_trusted_proxy_says(start_daemon: StartDaemon, tmp_path: Path) -> None:
    source = """
        from hangerd import request
        print(__server__.REMOTE_ADDR, request.ip, request.scheme, request.is_secure)
        """
    daemon = serve(start_daemon, tmp_path / "site", who=source)
    told = {"X_Forwarded_For": "2001:db8::5", "X_Forwarded_Proto": "https"}
    assert ask(daemon, "/who.py", **told)[2] == "2001:db8::5 b'2001:db8::5' b'https' True\n"


def test_start_and_stop_hooks(start_daemon: StartDaemon, tmp_path: Path) -> None:
    root = tmp_path / "site"
    root.mkdir()
    (root / "__globals__.py").write_text(
        dedent("""
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
        """)
    )
    daemon = serve(start_daemon, root, page="print(__globals__.ready)")
    wait_for(lambda: "the hook begins" in daemon.log())  # before anybody asks
    assert ask(daemon, "/page.py")[2] == "True\n"
    daemon.stop()
    assert daemon.log().count("the hook begins") == 1
    assert "the hook ends" in daemon.log()


def test_a_file_is_sent_from_the_root(start_daemon: StartDaemon, tmp_path: Path) -> None:
    source = """
        from hangerd import response, run
        run(response.sendfile('sub/send.py', 1, 4, 'text/x-python'))
        """
    daemon = serve(start_daemon, tmp_path / "site", sub__send=source)
    assert ask(daemon, "/sub/send.py") == (200, "text/x-python", "from")
