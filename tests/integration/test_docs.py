"""What docs/ shows is true: commands are run, scripts served, settings loaded, modules parsed.

The programs of the pages for Python programmers are run by client/test_docs.py and client/django,
what operators do by test_operations.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hangerd.config import load_settings
from tests.integration.daemon import Daemon
from tests.integration.http import Connection
from tests.integration.parts import ROOT, require

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(r"#> (.*)$", re.MULTILINE)
PROGRAMS = {"python.md", "js-host.md", "bgpy.md", "django.md"}
UNTRIED = {"yaml": "Prometheus reads it", "": "bytes and frames of the wire, not a program"}
TASKS = """
def add(a, b): return a + b
def countdown(n): yield from range(n, 0, -1)
"""


class Example(NamedTuple):
    """A fenced block of a page; `number` counts from 0."""

    page: str
    number: int
    kind: str
    text: str


def read_examples() -> list[Example]:
    return [
        Example(page.name, number, kind, text)
        for page in sorted((ROOT / "docs").glob("*.md"))
        for number, (kind, text) in enumerate(BLOCK.findall(page.read_text()))
    ]


EXAMPLES = read_examples()


def of_kind(kind: str, *but: str) -> list[Any]:
    return [
        pytest.param(one, id=f"{one.page}-{one.number}")
        for one in EXAMPLES
        if one.kind == kind and one.page not in but
    ]


def run(command: list[str], cwd: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=90, check=False
    )


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One daemon for all, with a script and a host that the pages speak of."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "root" / "scripts").mkdir(parents=True)
    (folder / "root" / "scripts" / "greet.py").write_text('print("Hello,", input("Name? "))\n')
    (folder / "tasks.py").write_text(TASKS)
    hosts = '[hosts.tasks]\nkind = "python"\npath = "tasks.py"\n'
    daemon = Daemon(folder, "--root", str(folder / "root"), settings=hosts).start()
    yield daemon
    daemon.stop()
    assert "Traceback" not in daemon.log(), daemon.log()


@pytest.fixture
def environ(daemon: Daemon, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody whose daemon it is, and who has installed hangerctl."""
    command = tmp_path / "bin" / "hangerctl"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m hangerd.cli "$@"\n')
    command.chmod(0o755)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HANGERD_")}
    path = f"{command.parent}:{os.environ['PATH']}"
    return {**kept, "PATH": path, "STATE_DIRECTORY": str(daemon.state_dir)}


def test_every_kind_of_example_is_known() -> None:
    tried = {"sh", "python", "toml", "js", "ini"}
    assert {one.kind for one in EXAMPLES} <= tried | UNTRIED.keys()
    assert tried <= {one.kind for one in EXAMPLES}


@pytest.mark.parametrize("example", of_kind("sh", "django.md", "operations.md"))
def test_commands(example: Example, environ: dict[str, str], tmp_path: Path) -> None:
    ran = run(["bash", "-eu", "-o", "pipefail", "-c", example.text], tmp_path, environ)
    assert (ran.returncode, ran.stderr) == (0, ""), ran
    printed = iter(ran.stdout.splitlines())
    missing = [line for line in SHOWN.findall(example.text) if line not in printed]
    assert missing == [], ran.stdout


@pytest.mark.parametrize("example", of_kind("python", *PROGRAMS))
def test_scripts(example: Example, daemon: Daemon) -> None:
    name = f"{example.page.removesuffix('.md')}{example.number}.py"
    (daemon.folder / "root" / name).write_text(example.text)
    with Connection(daemon.port) as visitor:
        answer = visitor.ask("GET", f"/{name}")
    assert answer.status == 200, answer


def test_a_program_that_runs_a_script(environ: dict[str, str], tmp_path: Path) -> None:
    [program] = [one.text for one in EXAMPLES if one.page == "python.md" and "Asked(" in one.text]
    ran = run([sys.executable, "-c", program], tmp_path, environ)
    assert (ran.stdout.splitlines(), ran.stderr) == (re.findall(r"# -> (.*)", program), "")


@pytest.mark.parametrize("example", of_kind("toml"))
def test_settings(example: Example, tmp_path: Path) -> None:
    file = tmp_path / "hangerd.toml"
    file.write_text(example.text)
    load_settings({}, file)


def test_javascript_is_that(tmp_path: Path) -> None:
    node = require("node")
    for example in (one for one in EXAMPLES if one.kind == "js"):
        kind = "mjs" if "import " in example.text else "cjs"
        file = tmp_path / f"{example.page}{example.number}.{kind}"
        file.write_text(example.text)
        checked = run([node, "--check", str(file)], tmp_path, dict(os.environ))
        assert checked.returncode == 0, checked.stderr
