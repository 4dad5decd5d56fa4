"""Each snippet prints the same as `python script.py` and in a run; so do two runs after it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hangerd.scripts.outcome import DONE
from tests.integration.scripts.running import Stage
from tests.integration.scripts.snippets import snippets

SNIPPETS = snippets()


def write(root: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        encoding = "latin-1" if "latin-1" in source else "utf-8"
        (root / name).write_text(source, encoding)


def test_there_are_enough() -> None:
    assert len(SNIPPETS) >= 40


@pytest.mark.parametrize("name", SNIPPETS)
def test_same_as_python(name: str, stage: Stage) -> None:
    write(stage.root, SNIPPETS[name])
    plain = subprocess.run(
        [sys.executable, "-B", "script.py"],
        cwd=stage.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert plain.returncode == 0, plain.stderr
    for _ in range(2):
        play = stage.play("script.py").finish()
        assert play.outcome == DONE, play.outcome
        assert play.text == plain.stdout
    assert not list(stage.root.rglob("__pycache__"))
