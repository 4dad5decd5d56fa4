"""`python -m hangerd DIR`: serves at once, refuses with status 1, and leaves by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest


def command(tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "hangerd", *words],
        cwd=tmp_path,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_it_serves_a_folder(tmp_path: Path) -> None:
    (root := tmp_path / "root").mkdir()
    (root / "index.py").write_text("print(6 * 7)")
    ready = tmp_path / "ready.json"
    serving = command(
        tmp_path, "--port", "0", "--thread-pool-size=2", "--ready-file", str(ready), "root"
    )
    try:
        until = time.monotonic() + 60
        while not ready.exists():
            assert serving.poll() is None, serving.communicate()
            assert time.monotonic() < until
            time.sleep(0.02)
        told = json.loads(ready.read_text())
        [port] = [at.rsplit(":", 1)[1] for at in told["public"]]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            assert answer.read() == b"42\n"
        assert set(told) == {"pid", "public", "control_token_file"}  # no other door
    finally:
        serving.send_signal(signal.SIGINT)
        said, _ = serving.communicate(timeout=60)
    assert f"http://127.0.0.1:{port}/" in said
    assert "Traceback" not in said
    assert not (tmp_path / "twistd.pid").exists()


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (("--help",), 0, "usage: python -m hangerd"),
        (("--version",), 0, "hangerd "),
        (("absent",), 1, "hangerd: absent is no folder; name one that exists"),
        (("--bind", "a:b", "."), 1, 'hangerd: Invalid --bind value "a:b"; '),
        (("--x", "."), 1, 'hangerd: Unrecognized option "--x"; see python -m hangerd --help'),
        ((), 1, "hangerd: DIR is missing; see python -m hangerd --help"),
        (("--loop=uvloop", "."), 1, "hangerd: --loop is not an option here; use twistd --reactor"),
        (("--thread-pool-size=0", "."), 1, "hangerd: scripts.threads: "),
    ],
)
def test_what_ends_at_once(tmp_path: Path, words: tuple[str, ...], status: int, line: str) -> None:
    ended = command(tmp_path, *words)
    said, _ = ended.communicate(timeout=60)
    assert ended.returncode == status
    assert said.startswith(line), said
    assert status == 0 or said.count("\n") == 1
