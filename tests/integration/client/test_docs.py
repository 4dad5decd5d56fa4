"""The examples of pages for programmers, run as they are written: each section is one program."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.client.spawned import state_below
from tests.integration.parts import ROOT, missing, require

PAGES = ("python", "js-host", "bgpy")
BLOCK = re.compile(r"```(?:python|js)\n(.*?)```", re.DOTALL)
PROGRESS = re.compile(r"(Started|Connected to) JSHost")  # what js-host's names print by default
FILE = re.compile(r"(?:#|//) (\S+\.(?:py|js))\n")


def blocks_of(section: str) -> list[str]:
    return [block for block in BLOCK.findall(section) if not FILE.match(block)]


def text_of(page: str) -> str:
    return (ROOT / "docs" / f"{page}.md").read_text()


def programs(page: str) -> list[tuple[str, str]]:
    """Each section's title and program; asyncio's and Twisted's are two."""
    found = []
    for section in text_of(page).split("\n## ")[1:]:
        title, blocks = section.partition("\n")[0], blocks_of(section)
        if title.startswith("asyncio"):
            found += [(f"{title} {number}", block) for number, block in enumerate(blocks)]
        elif blocks and title != "Scripts":  # wants a daemon with scripts: ../test_docs.py
            found.append((title, "\n".join(blocks)))
    return found


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A folder for each page, with the files that it shows."""
    with ExitStack() as stack:
        folders = {}
        for page in PAGES:
            folders[page] = stack.enter_context(state_below(tmp_path_factory.mktemp(page)))
            for block in BLOCK.findall(text_of(page)):
                if named := FILE.match(block):
                    (folders[page] / named[1]).write_text(block)
        yield folders


def _require_cloudpickle() -> None:
    if importlib.util.find_spec("cloudpickle") is None:
        missing("cloudpickle")


# Brings up the loopback interface of a new network, in which every port is free.
ALONE = """
import fcntl, os, socket, struct, sys
with socket.socket() as any:
    fcntl.ioctl(any, 0x8914, struct.pack("16sH22x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def alone(port: int) -> list[str]:
    """What goes before a program that listens on this port: a network of its own.

    Where a user may not make one, the test is skipped while somebody else has the port.
    """
    unshare = shutil.which("unshare") or "false"
    command = [unshare, "--map-root-user", "--net", sys.executable, "-c", ALONE]
    tried = subprocess.run([*command, "-c", ""], capture_output=True, check=False)
    if tried.returncode == 0:
        return command
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        pytest.skip(f"something else listens on port {port}, and no network may be made")
    return [sys.executable]


EXAMPLES = [(page, title, program) for page in PAGES for title, program in programs(page)]


@pytest.mark.parametrize(
    ("page", "title", "program"), EXAMPLES, ids=[f"{page}: {title}" for page, title, _ in EXAMPLES]
)
def test_section(folders: dict[str, Path], page: str, title: str, program: str) -> None:
    folder = folders[page]
    if page == "js-host" or "greet" in program:
        require("node")
    command = alone(50014) if "bgpy.interface" in program else [sys.executable]
    if title == "Functions of the program itself":
        _require_cloudpickle()
    (folder / "program.py").write_text(program)
    environ = {**os.environ, "XDG_STATE_HOME": str(folder)}
    for name in ("STATE_DIRECTORY", "HANGERD_URL", "HANGERD_TOKEN"):
        environ.pop(name, None)
    done = subprocess.run(
        [*command, "program.py"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    expected = re.findall(r"# -> (.*)", program)
    assert expected
    told = [line.strip() for line in done.stdout.splitlines() if not PROGRESS.match(line)]
    assert (told, done.stderr) == (expected, "")
