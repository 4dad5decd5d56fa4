"""What docs/operations.md has operators do, below a folder that stands for a machine's root."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.parts import ROOT, WHOLE, require
from tests.integration.watching import wait_until

PAGE = (ROOT / "docs" / "operations.md").read_text()
COMMANDS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
MOVED = re.compile(r"(?<![\w.])/(opt|etc|var)/")
ANY_PORT = """\
port = ["tcp:0:interface=127.0.0.1"]
admin = "tcp:0:interface=127.0.0.1"
"""
# No systemd runs here. What it would link is linked by its own program, below the folder.
SYSTEMCTL = """\
#!/bin/sh -eu
echo "$*" >> {root}/asked
if [ "$1" = enable ]; then
  test "$2" = --now
  exec {systemctl} --root={root} enable "$3"
fi
"""


def commands(word: str) -> str:
    """The one block of commands that has a word."""
    [found] = [block for block in COMMANDS if word in block]
    return str(found)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine where hangerd is installed already: it is that of these tests."""
    root = tmp_path / "root"
    for folder in ("opt/hangerd/share", "etc/systemd/system", "var/lib", "bin"):
        (root / folder).mkdir(parents=True)
    (root / "opt/hangerd/bin").symlink_to(Path(sys.executable).parent)
    (root / "opt/hangerd/share/hangerd").symlink_to(ROOT / "etc")
    return root


def shell(root: Path, text: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Begin to run commands of the page, with the folders of the root."""
    environ = {
        **os.environ,
        "PATH": f"{root / 'bin'}:{os.environ['PATH']}",
        "STATE_DIRECTORY": str(root / "var/lib/hangerd"),
    }
    moved = MOVED.sub(rf"{root}/\1/", text)
    return subprocess.Popen(
        ["bash", "-eu", "-c", moved],
        cwd=cwd or root,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(root: Path, text: str, cwd: Path | None = None, seconds: float = 60.0) -> str:
    """Run commands of the page; return what they print."""
    running = shell(root, text, cwd)
    out, err = running.communicate(timeout=seconds)
    assert running.returncode == 0, err
    return out


def test_every_block_is_run() -> None:
    words = ("pip install", "install -D", "twistd", "curl", "systemctl")
    assert sorted(commands(word) for word in words) == sorted(COMMANDS)


def test_a_start_by_hand_and_the_token(root: Path) -> None:
    require("curl")
    done(root, commands("install -D"))
    config = root / "etc/hangerd/hangerd.toml"
    config.write_text(ANY_PORT + config.read_text())
    daemon = shell(root, "exec " + commands("twistd"))
    try:
        ready = root / "var/lib/hangerd/ready.json"
        wait_until(lambda: ready.exists() or daemon.poll() is not None, 60)
        assert daemon.poll() is None, daemon.communicate()
        port = json.loads(ready.read_text())["admin"][0].rpartition(":")[2]
        asked = done(root, commands("curl").replace("9096", port))
        assert json.loads(asked)["slots"] == 0
    finally:
        daemon.terminate()
        daemon.communicate(timeout=30)
    assert daemon.returncode in {0, -signal.SIGTERM}


def test_the_units_are_installed(root: Path) -> None:
    fake = root / "bin/systemctl"
    fake.write_text(SYSTEMCTL.format(root=root, systemctl=require("systemctl")))
    fake.chmod(0o755)
    done(root, commands("systemctl"))
    asked = (root / "asked").read_text().splitlines()
    assert asked == ["daemon-reload", "enable --now hangerd.service"]
    units = root / "etc/systemd/system"
    assert (units / "hangerd.socket").is_file()
    assert (units / "multi-user.target.wants/hangerd.service").is_symlink()


@pytest.mark.soak
@pytest.mark.skipif(not WHOLE, reason="takes half a minute: make soak")
def test_the_installation(tmp_path: Path) -> None:
    root = tmp_path / "root"
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("hangerd", "twisted", "etc", "docs"):
        shutil.copytree(ROOT / name, clone / name)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, clone)
    (root / "opt").mkdir(parents=True)
    done(root, commands("pip install"), clone, seconds=300)
    done(root, commands("install -D"))
    assert (root / "etc/hangerd/hangerd.toml").read_text().startswith("#")
    assert "hangerd" in done(root, "/opt/hangerd/bin/twistd --help")
