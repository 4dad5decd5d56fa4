"""A folder of scripts served by a real daemon: delivery, limits, ends, questions."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import time
from contextlib import closing

import pytest

from tests.integration.parts import WHOLE, bound, scale
from tests.integration.scripts.site import Site, event, get, runs, together, wait_for


def test_one_at_a_time(site: Site) -> None:
    site.put(
        "one.py",
        """\
        # hangerd: concurrency=1
        import time
        mine = __globals__.__dict__.setdefault('inside', [])
        mine.append(1)
        print(len(mine))
        time.sleep(0.05)
        mine.pop()
        """,
    )
    assert together(3, lambda _: get(site, "/one.py")) == [(200, b"1\n")] * 3


def test_hooks_at_the_end(site: Site) -> None:
    """What `__globals__.py` asked to be called when the daemon stops is called, and that is all."""
    site.put(
        "__globals__.py",
        """\
        from httpout import app
        counter = 0
        @app.on_worker_stop
        async def leave(**worker):
            app.logger.info('leaving after %s', counter)
        """,
    )
    site.put("page.py", "__globals__.counter += 1\nprint(__globals__.counter)")
    assert [get(site, "/page.py")[1] for _ in range(2)] == [b"1\n", b"2\n"]
    assert site.stop() < bound(4)
    assert "leaving after 2" in site.log()
    assert "Traceback" not in site.log()


@pytest.mark.soak
@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "import time\ntime.sleep(1e6)",
        "while True:\n    try:\n        while True: len('')\n    except BaseException: pass",
    ],
)
def test_a_script_that_never_ends(site: Site, loop: str) -> None:
    """Its visitor knows a second after its limit, the others are served, and the daemon stops."""
    limit = 2 if WHOLE else 0.5
    site.put("loop.py", f"# hangerd: timeout={limit}\n{loop}")
    site.put("begun.py", f"# hangerd: timeout={limit}\nprint('begun')\n{loop}")
    site.put("fine.py", "print('fine')")
    began = time.monotonic()
    assert get(site, "/loop.py")[0] == 504
    took = time.monotonic() - began
    print(f"known after {took:.2f} s")
    assert took < bound(3)
    with pytest.raises(http.client.IncompleteRead) as cut:
        get(site, "/begun.py")
    assert cut.value.partial == b"begun\n"
    for _ in range(20):
        assert get(site, "/fine.py") == (200, b"fine\n")
    stopped = site.stop()
    print(f"stopped in {stopped:.2f} s")
    assert stopped < bound(5)


def test_too_many_zombies(site: Site) -> None:
    site.put("sleep.py", "# hangerd: timeout=0.2\nimport time\ntime.sleep(1e6)")
    site.put("file.txt", "a file")
    assert get(site, "/-/health")[0] == 200
    together(3, lambda _: get(site, "/sleep.py"))
    assert get(site, "/sleep.py")[0] == 503
    assert get(site, "/-/health")[0] == 503
    assert get(site, "/file.txt")[0] == 200


@pytest.mark.soak
def test_a_visitor_who_leaves_ends_the_script(site: Site) -> None:
    site.put(
        "ticks.py",
        f"""\
        import time
        try:
            while True:
                print('tick')
                time.sleep(0.05)
        finally:
            open({str(site.root / "ended.txt")!r}, 'w').close()
        """,
    )
    with socket.create_connection(("127.0.0.1", site.port)) as link:
        link.sendall(b"GET /ticks.py HTTP/1.1\r\nHost: x\r\n\r\n")
        assert link.recv(10)
    began = time.monotonic()
    wait_for((site.root / "ended.txt").exists)
    assert time.monotonic() - began < bound(0.3)
    wait_for(lambda: not runs(site)["runs"])


def test_failures_show_an_id_and_are_logged_once(site: Site) -> None:
    site.put("bad.py", "def f():\n    raise ValueError('secret words')\nf()")
    status, body = get(site, "/bad.py")
    assert status == 500
    assert b"secret" not in body
    run = body.decode().rpartition("request ")[2].strip(" )")
    wait_for(lambda: run in site.log())
    assert site.log().count("ValueError: secret words") == 1
    assert "hangerd/scripts" not in site.log()
    page = get(site, "/bad.py", Accept="text/html")[1]
    assert b"<html" in page
    assert b"secret" not in page


def test_html_text_and_bare_bytes(site: Site) -> None:
    site.put("text.py", "print('\\x1b[31mred\\x1b[0m <b>')")
    site.put("html.py", "import sys\nprint('debug', file=sys.stderr)\nprint(' <h1>hi</h1>')")
    site.put("forced.py", "# hangerd: output=text\nprint('<h1>')")
    assert get(site, "/text.py")[1] == b"\x1b[31mred\x1b[0m <b>\n"
    page = get(site, "/text.py", Accept="text/html")[1].decode()
    assert '<span class="f1">red</span> &lt;b&gt;' in page
    assert get(site, "/html.py", Accept="text/html")[1] == b" <h1>hi</h1>\n"
    wait_for(lambda: "/html.py: debug [" in site.log())
    assert b"&lt;h1&gt;" in get(site, "/forced.py", Accept="text/html")[1]


def test_the_event_stream(site: Site) -> None:
    site.put(
        "talk.py",
        """\
        import sys
        print(input('name? '), sys.argv[1])
        print('!', file=sys.stderr)
        sys.exit(3)
        """,
    )
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as link:
        body = json.dumps({"argv": ["one"]})
        link.request("POST", "/-/run/talk.py", body, {"Content-Type": "application/json"})
        answer = link.getresponse()
        assert answer.getheader("content-type") == "text/event-stream"
        assert event(answer)[:2] == (1, "start")
        number, kind, question = event(answer)
        assert (number, kind, question["prompt"], question["password"]) == (
            2,
            "input",
            "name? ",
            False,
        )
        with closing(http.client.HTTPConnection("127.0.0.1", site.port)) as other:
            other.request("POST", f"/hanger/{question['token']}/write/", b"Ada")
            assert other.getresponse().status == 200
        assert event(answer) == (3, "out", {"text": "Ada one\n"})
        assert event(answer) == (4, "err", {"text": "!\n"})
        number, kind, ended = event(answer)
        assert (number, kind, ended["status"]) == (5, "exit", 3)
        assert answer.read() == b""


def test_a_run_is_stopped_by_who_started_it(site: Site) -> None:
    site.put("wait.py", "input('? ')")
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as link:
        link.request("POST", "/-/run/wait.py", "{}", {"Content-Type": "application/json"})
        answer = link.getresponse()
        run = event(answer)[2]["run"]
        event(answer)
        with closing(http.client.HTTPConnection("127.0.0.1", site.port)) as other:
            other.request("POST", f"/-/run/{run}/stop")
            assert other.getresponse().status == 204
        assert event(answer)[1] == "exit"


@pytest.mark.soak
def test_an_edit_is_live_at_once(site: Site) -> None:
    """A script's own text and that of a module, however fast edits follow each other."""
    site.put("page.py", "import module\nprint(module.X, 999)")
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as link:
        for number in range(1000, 1000 + scale(1000)):
            site.put("module.py", f"X = {number}")  # as long as the one before, in the same second
            if number % 2:
                site.put("page.py", f"import module\nprint(module.X, {number})")
            expected = f"{number} {number - 1 + number % 2}\n".encode()
            link.request("GET", "/page.py")
            assert link.getresponse().read() == expected


def test_uploads_are_bounded(site: Site) -> None:
    site.put("small.py", "print(1)")
    site.put(
        "large.py",
        "# hangerd: body=100M\nfrom hangerd import request\nprint(len(wait(request.body())))",
    )
    for path, size, status, body in (
        ("/small.py", 3 * 2**20, 413, None),
        ("/large.py", 30 * 2**20, 200, b"31457280\n"),
    ):
        with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as link:
            link.putrequest("POST", path)
            link.putheader("Content-Length", str(size))
            link.endheaders()
            if status == 200:
                link.send(b"x" * size)
            answer = link.getresponse()
            assert answer.status == status
            assert body in (None, answer.read())


def test_nothing_a_script_does_keeps_the_daemon_alive(site: Site) -> None:
    site.put(
        "busy.py",
        """\
        import concurrent.futures, threading, time
        def busy():
            while True: time.sleep(0.1)
        threading.Thread(target=busy, daemon=False).start()
        concurrent.futures.ThreadPoolExecutor().submit(busy)
        print('on')
        while True:
            try:
                busy()
            except BaseException:
                pass
        """,
    )
    link = socket.create_connection(("127.0.0.1", site.port))
    link.sendall(b"GET /busy.py HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_for(lambda: runs(site)["runs"] and runs(site)["runs"][0]["bytes"])
    began = time.monotonic()
    site.signal(signal.SIGTERM)
    site.process.wait(30)
    assert time.monotonic() - began < bound(6)
    link.close()
