"""The project of docs/django.md, as it stands: its pages, its command, a server that reloads."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.client.spawned import processes_of, state_below
from tests.integration.parts import ROOT, missing, require
from tests.integration.watching import wait_until

BLOCK = re.compile(r"```(?:python|js)\n(?:#|//) (\S+\.(?:py|js))\n(.*?)```", re.DOTALL)
MANAGE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
LISTENS = re.compile(r"development server at (http://127\.0\.0\.1:\d+/)")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The files of the page, and a state directory of their own."""
    require("node")
    if importlib.util.find_spec("django") is None:
        missing("Django")
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in BLOCK.findall((ROOT / "docs" / "django.md").read_text()):
        (folder / name).write_text(text)
    (folder / "manage.py").write_text(MANAGE)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    with state_below(tmp_path / "state"):
        yield folder


@pytest.fixture
def manage(project: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run manage.py."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=project,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def test_a_reload_leaves_the_host_as_it_is(project: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("wb") as told:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "127.0.0.1:0"],
            cwd=project,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    try:
        before = _numbers(output, starts=1)
        assert get(_urls(output)[-1] + "?name=Ada") == "<h1>Hello, Ada!</h1>"
        urls = project / "urls.py"
        urls.write_text(urls.read_text() + "\n# an edit\n")
        after = _numbers(output, starts=2)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
    assert before["sum"] == after["sum"] == 3
    assert before["server"] != after["server"], "the server was not reloaded"
    assert before["host"] == after["host"], "the host did not stay"
    assert processes_of(tmp_path / "state")


def _urls(output: Path) -> list[str]:
    return LISTENS.findall(output.read_text())


def _numbers(output: Path, starts: int) -> Any:
    wait_until(lambda: len(_urls(output)) >= starts, 30)
    return json.loads(get(_urls(output)[-1] + "numbers"))


def test_the_command(
    manage: Callable[..., subprocess.CompletedProcess[str]], project: Path, tmp_path: Path
) -> None:
    started = manage("hangerd", "start")
    assert re.findall(r"^(\w+) +ready +\d+", started.stdout, re.MULTILINE) == ["render", "tasks"]
    stopped = manage("hangerd", "stop", "render")
    assert re.match(r"render +stopped ", stopped.stdout)
    assert re.findall(r"^(\w+) +(\w+)", manage("hangerd", "status").stdout, re.MULTILINE) == [
        ("render", "stopped"),
        ("tasks", "ready"),
    ]
    (project / "tasks.py").write_text("1 / 0")
    failed = manage("hangerd", "restart", "tasks")
    assert (failed.returncode, "ZeroDivisionError" in failed.stderr) == (1, True)


def test_the_commands_of_the_page(project: Path) -> None:
    page = (ROOT / "docs" / "django.md").read_text()
    [commands] = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    python = str(Path(sys.executable).parent)
    ran = subprocess.run(
        ["bash", "-eux", "-c", commands],
        cwd=project,
        env={**os.environ, "PATH": f"{python}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), ran
    shown = re.findall(r"^(render|tasks) +(not defined|\w+)", ran.stdout, re.MULTILINE)
    assert shown == [
        *(("render", "not defined"), ("tasks", "not defined")),
        *(("render", "ready"), ("tasks", "ready")),
        ("render", "ready"),
        *(("render", "stopped"), ("tasks", "stopped")),
    ]


def test_old_settings(
    manage: Callable[..., subprocess.CompletedProcess[str]], project: Path
) -> None:
    settings = (project / "settings.py").read_text().partition("HANGERD")[0]
    old = 'JS_HOST = {"SOURCE_ROOT": str(BASE_DIR), "USE_MANAGER": True, "VERBOSITY": 0}\n'
    (project / "settings.py").write_text(settings + old)
    program = (
        "from hangerd.client.js_host.function import Function\n"
        "print(Function('page').call(name='Ada'))"
    )
    assert manage("shell", "-c", program).stdout.strip().endswith("<h1>Hello, Ada!</h1>")
    assert re.match(r"host\.config\.js-\w+ +ready ", manage("hangerd").stdout)
    (project / "settings.py").write_text(settings.replace("django", "js_host") + old)
    assert manage("shell", "-c", program).stdout.strip().endswith("<h1>Hello, Ada!</h1>")
