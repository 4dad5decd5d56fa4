"""Scripts that come from httpout find here what is right, where httpout itself is not."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from tests.integration.parts import ROOT
from tests.integration.scripts.conftest import served
from tests.integration.scripts.fixes import CASES, ELSEWHERE, FILES, Fix
from tests.integration.scripts.site import Site, get

ENCODINGS = {"latin.py": "latin-1"}


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One daemon for all of them; beside the root is a folder whose name begins like its."""
    with served(tmp_path_factory.mktemp("fixes"), 5) as site:
        for name, source in FILES.items():
            (path := site.root / name).parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, ENCODINGS.get(name, "utf-8"))
        evil = site.root.with_name("site-evil")
        evil.mkdir()
        (evil / "a.txt").write_text("canary")
        (evil / "sibling.py").write_text("seen = []")
        (site.root / "out.txt").symlink_to(evil / "a.txt")
        yield site


@pytest.mark.parametrize("fix", CASES, ids=lambda fix: fix.point)
def test_fix(fixed: Site, fix: Fix) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", fixed.port, timeout=30)) as link:
        link.request(fix.method, fix.target, fix.sent or None, fix.sends)
        answer = link.getresponse()
        body = answer.read().decode()
    assert answer.status == fix.status, body
    if fix.body is not None:
        assert body.startswith(fix.body) if fix.body.endswith(" ") else body == fix.body
    assert not fix.lacks or fix.lacks not in body
    assert {name: answer.headers[name] for name in fix.headers} == fix.headers


def test_19_the_daemon_stays_where_it_was(fixed: Site) -> None:
    """Its folder and its own imports are not the root's."""
    get(fixed, "/shadow.py")
    assert psutil.Process(fixed.process.pid).cwd() == str(fixed.folder)


def test_24c_a_failure_after_output_cuts_the_body_off(fixed: Site) -> None:
    """No last chunk; and nothing of the exception in what came."""
    with closing(socket.create_connection(("127.0.0.1", fixed.port), 20)) as link:
        link.sendall(b"GET /late_error.py HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while piece := link.recv(65536):
            received += piece
    assert b"begun\n" in received
    assert b"canary" not in received
    assert not received.endswith(b"0\r\n\r\n")


def test_11_a_sibling_with_our_prefix_is_not_ours(fixed: Site) -> None:
    """Its modules are the process's, imported once, as any other from elsewhere."""
    evil = str(fixed.root.with_name("site-evil"))
    fixed.put(
        "sibling_user.py",
        f"import sys\nif {evil!r} not in sys.path: sys.path.append({evil!r})\n"
        "import sibling\nsibling.seen.append(1)\nprint(len(sibling.seen))",
    )
    assert [get(fixed, "/sibling_user.py")[1] for _ in range(2)] == [b"1\n", b"2\n"]


@pytest.mark.parametrize("point", ELSEWHERE)
def test_what_stands_elsewhere_is_there(point: str) -> None:
    """A test that was renamed takes its point with it."""
    path, _, name = ELSEWHERE[point].partition("::")
    assert re.search(rf"def {name}\(", (ROOT / path).read_text())
