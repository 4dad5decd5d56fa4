"""The scripts of httpout's own README, as its installed package has them, run unchanged."""

from __future__ import annotations

import http.client
import re
from contextlib import closing
from importlib.metadata import PackageNotFoundError, distribution

import pytest

from tests.integration.parts import missing
from tests.integration.scripts.site import Site, get, runs


@pytest.fixture
def readme() -> dict[str, list[str]]:
    """Its scripts by the file name in their first line; of some there are two."""
    try:
        text = distribution("httpout").read_text("METADATA") or ""
    except PackageNotFoundError:
        missing("httpout (make puts it into .venv)")
    scripts: dict[str, list[str]] = {}
    for source in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        scripts.setdefault(source.partition("\n")[0].removeprefix("# "), []).append(source)
    return scripts


def test_hello_comes_line_by_line(site: Site, readme: dict[str, list[str]]) -> None:
    """Each print is there when it is made, not when the script has ended."""
    [source] = readme["hello.py"]
    site.put("hello.py", source)
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as link:
        link.request("GET", "/hello.py")
        answer = link.getresponse()
        assert answer.readline() == b"<pre>Hello...\n"
        assert runs(site)["runs"]
        assert answer.readline() == b"and\n"
        assert runs(site)["runs"]
        assert answer.read() == b"Bye!</pre>\n"


def test_forms_are_read_in_both_ways(site: Site, readme: dict[str, list[str]]) -> None:
    """By `wait()` and by `run()`; without a form, the status that the script sets."""
    assert len(readme["form.py"]) == 2
    for source in readme["form.py"]:
        site.put("form.py", source)
        assert get(site, "/form.py") == (405, b"Method Not Allowed\n")
        with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as link:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            link.request("POST", "/form.py", "foo=bar", form)
            assert link.getresponse().read() == b"POST b'POST' {'foo': ['bar']}\n"
