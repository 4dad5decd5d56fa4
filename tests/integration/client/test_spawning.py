"""Daemons that programs start beside themselves: one for all, and gone when nobody needs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from hangerd.client import StartFailed, connect
from tests.integration.watching import wait_until

PROGRAM = """
import sys
from hangerd.client import connect
client = connect(state_dir=sys.argv[1], spawn=True, idle_exit=5.0)
print(client.python(sys.argv[2]).echo(sys.argv[3]), flush=True)
"""


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    state_dir = tmp_path / "state"
    yield state_dir
    for process in daemons(state_dir):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def daemons(state_dir: Path) -> list[psutil.Process]:
    """The processes that were started for a state directory."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if f"--state-dir={state_dir}" in process.cmdline():
                found.append(process)
    return found


def start(state_dir: Path, work_file: Path, word: str) -> subprocess.Popen[str]:
    """A program that wants a daemon; its output is a pipe, which must end with it."""
    command = [sys.executable, "-c", PROGRAM, str(state_dir), str(work_file), word]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_programs_that_start_at_once_share_a_daemon_which_outlives_them_and_ends(
    state_dir: Path, work_file: Path
) -> None:
    programs = [start(state_dir, work_file, str(number)) for number in range(3)]
    for number, program in enumerate(programs):
        assert program.communicate(timeout=60)[0] == f"{number}\n"
    [daemon] = daemons(state_dir)
    assert daemon.pid not in {program.pid for program in programs}
    assert os.getsid(daemon.pid) not in {program.pid for program in programs}
    assert "hangerd" in (state_dir / "hangerd.log").read_text()
    wait_until(lambda: not daemons(state_dir))
    assert not list((state_dir / "run").iterdir())
    assert not (state_dir / "ready.json").exists()


def test_what_is_in_use_keeps_the_daemon_and_its_end_is_followed_by_another(
    state_dir: Path, work_file: Path
) -> None:
    with connect(state_dir=state_dir, spawn=True, idle_exit=0.5) as client:
        work = client.python(work_file)
        [first] = daemons(state_dir)
        assert work.call("slow", 2.0) == 2.0
        with work:
            assert work.call("slow", 0.1) == 0.1
        assert first.is_running()
        wait_until(lambda: not daemons(state_dir))
        assert work.echo("again") == "again"
        [second] = daemons(state_dir)
        assert second.pid != first.pid
        second.kill()
        second.wait(60)
        assert work.echo("after kill -9") == "after kill -9"


def test_a_start_that_fails_says_why(state_dir: Path) -> None:
    with pytest.raises(StartFailed, match="log-format"):
        connect(state_dir=state_dir, spawn=True, flags=["--log-format=nonsense"])
    taken = state_dir.with_name("file")
    taken.write_text("")
    with pytest.raises(StartFailed, match=str(taken)):
        connect(state_dir=taken / "below", spawn=True)
