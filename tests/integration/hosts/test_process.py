"""Keeper and spawner with real processes: what starts, what is told, and that nothing survives."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from hangerd.hosts.process import Command, Process, Spawner, Stream, environment
from hangerd.hosts.restarts import Exit
from tests.integration.hosts.family import MARK, in_reactor, marked, until
from tests.integration.parts import bound

TREE = str(Path(__file__).with_name("programs") / "tree.py")
FAMILY = 8  # the program, and those it forked that stay


class Notes:
    """A watcher that writes everything down."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self.out = {"stdout": b"", "stderr": b""}
        self.ends: list[Exit] = []
        self.gone: Deferred[Exit] = Deferred()

    def process_started(self, pid: int) -> None:
        self.pid = pid

    def process_wrote(self, stream: Stream, data: bytes) -> None:
        self.out[stream] += data

    def process_ended(self, how: Exit) -> None:
        self.ends.append(how)

    def process_gone(self, how: Exit) -> None:
        self.gone.callback(how)


def command(*argv: str, mark: str = "", **knobs: object) -> Command:
    env = environment(os.environ, {MARK: mark} if mark else {})
    return Command([sys.executable, *argv], env, "/", **knobs)  # type: ignore[arg-type]


def spawn(what: Command, **sockets: socket.socket) -> tuple[Process, Notes]:
    notes = Notes()
    return Spawner(reactor, reactor).spawn(what, notes, **sockets), notes


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> str:
    return f"{os.getpid()}-{request.node.name}"


@in_reactor
async def test_output_and_status_are_reported() -> None:
    _, notes = spawn(command("-c", "import sys; print('a'); print('b', file=sys.stderr); exit(7)"))
    assert await notes.gone == Exit(status=7)
    assert notes.ends == [Exit(status=7)]
    assert notes.out == {"stdout": b"a\n", "stderr": b"b\n"}


@in_reactor
async def test_a_signal_is_passed_on_and_reported() -> None:
    process, notes = spawn(command("-c", "import signal; print('x', flush=True); signal.pause()"))
    await until(lambda: notes.out["stdout"], 10, "output")
    process.signal(signal.SIGUSR1)
    assert await notes.gone == Exit(signal=signal.SIGUSR1)
    process.signal(signal.SIGUSR1)  # nobody is there; nothing happens


@in_reactor
async def test_what_cannot_be_started_says_why() -> None:
    env = environment(os.environ, {})
    for argv, cwd, words in [
        (["/no/such/program"], "/", "cannot be started (exec): No such file or directory"),
        ([sys.executable], "/no/such/folder", "cannot be started (cwd): No such file or directory"),
    ]:
        _, notes = spawn(Command(argv, env, cwd))
        how = await notes.gone
        assert how.error == f"{argv[0]} {words}"
        assert not how.clean
        assert notes.ends == [how]
    bad = {resource.RLIMIT_NOFILE: (100, 50)}
    _, notes = spawn(Command([sys.executable], env, "/", rlimits=bad))
    assert "limits or user" in (await notes.gone).error


@in_reactor
async def test_the_program_gets_what_its_command_says_and_nothing_more(tmp_path: Path) -> None:
    code = (
        "import os, resource, signal, json;"
        "print(json.dumps([os.getcwd(), os.umask(0), os.nice(0), resource.getrlimit(7)[0],"
        "sorted(os.environ), sorted(map(int, os.listdir('/proc/self/fd')))[:-1],"
        "os.getsid(0) == os.getpid(), signal.getsignal(signal.SIGTERM) == signal.SIG_DFL]))"
    )
    os.environ["HANGERD_TEST_SECRET"] = "x"
    here, there = socket.socketpair()
    env = environment({"PATH": "/bin", "HANGERD_TEST_SECRET": "x"}, {"A": "b"})
    limits = {resource.RLIMIT_NOFILE: (64, 64)}
    ordered = Command([sys.executable, "-c", code], env, str(tmp_path), 1.0, 0o077, 3, limits)
    _, notes = spawn(ordered, runner=there)
    there.close()
    assert (await notes.gone).clean
    cwd, umask, nice, files, names, fds, leader, terminable = json.loads(notes.out["stdout"])
    assert (cwd, umask, nice, files) == (str(tmp_path), 0o077, os.nice(0) + 3, 64)
    assert set(names) - {"LC_CTYPE"} == {"PATH", "A"}
    assert (fds, leader, terminable) == ([0, 1, 2, 3], True, True)
    assert here.recv(1) == b""
    here.close()


@pytest.mark.skipif(os.getuid() != 0, reason="another user needs root")
@in_reactor
async def test_another_user_dies_with_its_keeper_too() -> None:
    argv = ["/bin/sh", "-c", "id -u; id -G; sleep 100"]
    env = environment(os.environ, {})
    process, notes = spawn(Command(argv, env, "/", uid=65534, gid=65534, groups=[65534]))
    await until(lambda: notes.out["stdout"].count(b"\n") == 2, 10, "output")
    assert notes.out["stdout"] == b"65534\n65534\n"
    assert process.transport is not None
    os.kill(process.transport.pid, signal.SIGKILL)  # the keeper
    assert "keeper" in (await notes.gone).error
    assert notes.pid is not None
    await until(lambda: not Path(f"/proc/{notes.pid}").exists(), 2, "the program's end")


@in_reactor
async def test_end_leaves_nothing_of_a_family_that_ignores_term(mark: str) -> None:
    process, notes = spawn(command(TREE, mark=mark))
    await until(lambda: notes.out["stdout"] == b"ready\n", 10, "the family")
    assert len(marked(mark)) == FAMILY
    began = time.monotonic()
    process.end(0.3)
    await notes.gone
    assert 0.3 <= time.monotonic() - began < bound(2.3)
    assert marked(mark) == set()


@in_reactor
async def test_a_program_that_ends_by_itself_takes_its_family_along(mark: str) -> None:
    _, notes = spawn(command(TREE, "leave", mark=mark))
    assert await notes.gone == Exit(status=3)
    assert marked(mark) == set()


@in_reactor
async def test_end_at_once_does_not_wait(mark: str) -> None:
    process, notes = spawn(command(TREE, mark=mark))
    await until(lambda: notes.out["stdout"] == b"ready\n", 10, "the family")
    began = time.monotonic()
    process.end(0)
    await notes.gone
    assert time.monotonic() - began < bound(1)
    assert marked(mark) == set()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@in_reactor
async def test_a_daemon_that_dies_leaves_nothing(number: int, mark: str) -> None:
    daemon = str(Path(__file__).with_name("programs") / "bare_daemon.py")
    child = subprocess.Popen(
        [sys.executable, daemon, TREE],
        env={**os.environ, MARK: mark},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "ready\n"
        assert len(marked(mark)) == FAMILY + 1
    finally:
        child.send_signal(number)
        child.wait(30)
        child.stdout.close()
    await until(lambda: not marked(mark), 1.0 + 2.0, "the end of all")
