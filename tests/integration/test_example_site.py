"""What `make run` shows: every link of the start page leads to what it promises."""

from __future__ import annotations

import html
import os
import re
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tests.integration.daemon import Daemon
from tests.integration.parts import ROOT, require, require_file

EXAMPLES = ROOT / "examples"
SHOWS = {
    "scripts/hello.py": "Plain text becomes a page",
    "scripts/form.py": '<form method="post"',
    "scripts/upload.py": "101 numbers from",
    "scripts/together.py": "Breakfast!",
    "scripts/clock.py": "new WebSocket(",
    "scripts/job.py": "--done: 100%",
    "scripts/counter.py": "Visit number 1 since",
    "browser/": "<title>",
    "-/console/scripts/guess.py": "<title>guess.py",
    "-/console/scripts/pack.py?args=socks+%27warm+hat%27+tea": "<title>pack.py",
}
PLAYED = {"scripts/guess.py", "scripts/render.py"}  # they ask something
REACT = "scripts/react.py"  # wants React from npm
BOUNDARY = "as-unlikely-as-any"


class Links(HTMLParser):
    """The addresses of all links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


def serve(folder: Path, examples: Path = EXAMPLES) -> Daemon:
    """Serve the examples as `make run` does, with paths that do not hang on the settings' place."""
    settings = (examples / "hangerd.toml").read_text().replace('"_hosts/', f'"{examples}/_hosts/')
    assert set(tomllib.loads(settings)["hosts"]) == {"render", "react", "counter"}
    return Daemon(folder, "--root", str(examples), settings=settings).start()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    daemon = serve(tmp_path_factory.mktemp("examples"))
    yield daemon
    daemon.stop()
    assert "Traceback" not in daemon.log(), daemon.log()


def fetch(site: Daemon, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
    headers = {"Accept": "text/html", **({"Content-Type": kind} if kind else {})}
    request = urllib.request.Request(f"{site.url}/{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def play(site: Daemon, path: str, answer: Callable[[str], str]) -> str:
    """Answer each form of a page, as a browser without JavaScript does; return the whole page."""
    request = urllib.request.Request(f"{site.url}/{path}", headers={"Accept": "text/html"})
    page, asked, decoder = "", 0, getincrementaldecoder("utf-8")()
    with urllib.request.urlopen(request, timeout=30) as stream:
        while piece := stream.read1():
            page += decoder.decode(piece)
            actions = re.findall(r'<form[^>]* action="([^"]+/answer/)"', page)
            for action in actions[asked:]:
                asked += 1
                where = urllib.parse.urljoin(f"{site.url}/{path}", action)
                body = urllib.parse.urlencode({"line": answer(page)}).encode()
                urllib.request.urlopen(where, body, timeout=30).close()
    return page


def test_every_link_of_the_start_page(site: Daemon) -> None:
    links = Links(fetch(site, "")[1]).found
    assert {link for link in links if "source.py" not in link} == SHOWS.keys() | PLAYED | {REACT}
    for link, text in SHOWS.items():
        status, page = fetch(site, link)
        assert (status, text in page) == (200, True), (link, page)


def test_each_script_is_shown_with_its_source(site: Daemon) -> None:
    links = [link for link in Links(fetch(site, "")[1]).found if "source.py" in link]
    assert len(links) == 11
    for link in links:
        name = link.partition("=")[2]
        status, page = fetch(site, link)
        assert status == 200
        assert html.escape((EXAMPLES / "scripts" / name).read_text()) in page
        assert f'<iframe src="{name}"' in page
        assert f'href="../-/console/scripts/{name}"' in page


def test_nothing_else_is_shown(site: Daemon) -> None:
    hidden = ("_hosts/counter.py", "_hosts/react.config.js", "scripts/_page.py", "hangerd.toml")
    names = ("", "?of=_page.py", "?of=../hangerd.toml", "?of=source.py", "?of=/etc/passwd")
    for path in (*hidden, *(f"scripts/source.py{name}" for name in names)):
        assert fetch(site, path)[0] in (403, 404), path


def guess(page: str) -> str:
    """The middle of what is left, by all that the game has said."""
    low, high = 1, 20
    for verdict in re.findall(r"More\.|Less\.", page):
        middle = (low + high) // 2
        low, high = (middle + 1, high) if verdict == "More." else (low, middle - 1)
    return str((low + high) // 2)


def test_the_game(site: Daemon) -> None:
    assert "Right!" in play(site, "scripts/guess.py", guess)


def test_a_form_and_an_upload(site: Daemon) -> None:
    posted = b"name=%3CAda%3E&drink=coffee"
    status, page = fetch(site, "scripts/form.py", posted, "application/x-www-form-urlencoded")
    assert status == 200
    assert "One coffee for &lt;Ada&gt;, coming up." in page
    for numbers, told in ((b"1,2.5\n-3", "3 numbers from -3 to 2.5"), (b"x", "No number")):
        disposition = b'Content-Disposition: form-data; name="file"; filename="a.csv"'
        mark = BOUNDARY.encode()
        body = b"--%b\r\n%b\r\n\r\n%b\r\n--%b--\r\n" % (mark, disposition, numbers, mark)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        status, page = fetch(site, "scripts/upload.py", body, kind)
        assert (status, told in page) == (200, True), page


def test_a_page_by_node(site: Daemon) -> None:
    require("node")
    page = play(site, "scripts/render.py", lambda _: "<Ada>")
    assert "Hello, &#60;Ada&#62;!" in page
    assert "Rendered by Node v" in page


def test_a_page_by_react(site: Daemon) -> None:
    require("node")
    require_file(EXAMPLES / "node_modules" / "react-dom", "npm ci --prefix examples")
    status, page = fetch(site, REACT)
    assert (status, "by React 19" in page) == (200, True), page
    by_name = fetch(site, f"{REACT}?by=name")[1]
    found = re.findall(r"<tr><td>(\w+)</td>", by_name)
    assert found == sorted(found)
    assert len(found) == 6
    assert "Page 2 of this process" in by_name
    assert "by distance" in fetch(site, f"{REACT}?by=constructor")[1]


def test_without_node_the_pages_say_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    site = serve(tmp_path)
    pages = [play(site, "scripts/render.py", lambda _: "Ada")]
    pages += [fetch(site, REACT)[1] for _ in range(8)]  # a host that is given up would say no more
    site.stop()
    for page in pages:
        assert "Install Node.js 20 or later" in page


def test_without_react_the_page_says_what_to_do_until_it_is_there(tmp_path: Path) -> None:
    require("node")
    react = require_file(EXAMPLES / "node_modules" / "react-dom", "npm ci --prefix examples").parent
    examples = tmp_path / "examples"
    copytree(EXAMPLES, examples, ignore=ignore_patterns("node_modules"))
    (tmp_path / "daemon").mkdir()
    site = serve(tmp_path / "daemon", examples)
    pages = [fetch(site, REACT)[1] for _ in range(8)]
    (examples / "node_modules").symlink_to(react)
    then = fetch(site, REACT)[1]
    site.stop()
    for page in pages:
        assert "npm install --prefix examples" in page
    assert "by React 19" in then
