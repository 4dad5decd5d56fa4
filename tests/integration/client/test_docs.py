"""The examples of docs/python.md, run as they are written: each section is one program."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.integration.parts import ROOT, missing, require

PAGE = (ROOT / "docs" / "python.md").read_text()
BLOCK = re.compile(r"```(?:python|js)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"(?:#|//) (\S+\.(?:py|js))\n")


def blocks_of(section: str) -> list[str]:
    return [block for block in BLOCK.findall(section) if not FILE.match(block)]


def programs() -> list[tuple[str, str]]:
    """Each section's title and program; asyncio's and Twisted's are two."""
    found = []
    for section in PAGE.split("\n## ")[1:]:
        title, blocks = section.partition("\n")[0], blocks_of(section)
        if title.startswith("asyncio"):
            found += [(f"{title} {number}", block) for number, block in enumerate(blocks)]
        elif blocks:
            found.append((title, "\n".join(blocks)))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("page")
    for block in BLOCK.findall(PAGE):
        if named := FILE.match(block):
            (folder / named[1]).write_text(block)
    yield folder
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if f"--state-dir={folder}/hangerd" in process.cmdline():
                process.terminate()
                process.wait(20)


def _require_cloudpickle() -> None:
    if importlib.util.find_spec("cloudpickle") is None:
        missing("cloudpickle")


@pytest.mark.parametrize(("title", "program"), programs(), ids=[title for title, _ in programs()])
def test_section(folder: Path, title: str, program: str) -> None:
    if "greet" in program:
        require("node")
    if title.startswith("Functions"):
        _require_cloudpickle()
    (folder / "program.py").write_text(program)
    environ = {**os.environ, "XDG_STATE_HOME": str(folder)}
    for name in ("STATE_DIRECTORY", "HANGERD_URL", "HANGERD_TOKEN"):
        environ.pop(name, None)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    expected = re.findall(r"# -> (.*)", program)
    assert expected
    assert ([line.strip() for line in done.stdout.splitlines()], done.stderr) == (expected, "")
