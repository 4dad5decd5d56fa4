"""The only place that spawns: a keeper process, and in it the program of one instance."""

from __future__ import annotations

import json
import marshal
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorProcess, IReactorTime
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from hangerd.hosts.restarts import Exit

Stream = Literal["stdout", "stderr"]

RUNNER_FD: Final = 3
LISTEN_FD: Final = 4
_CONTROL: Final = 5
_STATUS: Final = 6
_KEEPER: Final = str(Path(__file__).with_name("keeper.py"))
_PIPES_AFTER_EXIT: Final = 0.5  # seconds that output is read on when the keeper has gone
_BASE_ENVIRONMENT: Final = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Command:
    """What to run and as whom. `grace` (seconds) is what is left to it when the daemon is gone."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    grace: float = 2.0
    umask: int = 0o022
    nice: int = 0
    rlimits: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    uid: int | None = None
    gid: int | None = None
    groups: Sequence[int] = ()

    def settings(self) -> bytes:
        """Return what the keeper reads first."""
        data = marshal.dumps(
            {
                "argv": list(self.argv),
                "env": dict(self.env),
                "cwd": self.cwd,
                "grace": self.grace,
                "umask": self.umask,
                "nice": self.nice,
                "rlimits": dict(self.rlimits),
                "uid": self.uid,
                "gid": self.gid,
                "groups": list(self.groups),
            }
        )
        return len(data).to_bytes(4, "big") + data


class Watcher(Protocol):
    """Who is told of a process. All calls come later, never from inside `spawn`."""

    def process_started(self, pid: int) -> None:
        """Take note of the program's pid."""
        ...

    def process_wrote(self, stream: Stream, data: bytes) -> None:
        """Take some of its output."""
        ...

    def process_ended(self, how: Exit) -> None:
        """Take note: the program has ended; what it started may still live for a moment."""
        ...

    def process_gone(self, how: Exit) -> None:
        """Take note: nothing of it is left. The last call."""
        ...


def environment(own: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """Build a host's environment: a few names of the daemon's `own`, and the spec's `extra`."""
    return {name: own[name] for name in _BASE_ENVIRONMENT if name in own} | dict(extra)


class Process(ProcessProtocol):
    """One keeper with its program, which `program` names."""

    def __init__(self, clock: IReactorTime, watcher: Watcher, program: str) -> None:
        self._clock = clock
        self._watcher = watcher
        self._program = program
        self._status = b""
        self._exit: Exit | None = None
        self._closing: IDelayedCall | None = None
        self.pid: int | None = None

    def signal(self, number: int) -> None:
        """Send a signal to the program (not to what it started)."""
        self._order(f"signal {number}\n")

    def end(self, grace: float) -> None:
        """End the program and all it started: TERM now, KILL `grace` seconds later; 0 is KILL."""
        self._order(f"end {max(0.0, grace):.3f}\n")

    def _order(self, line: str) -> None:
        if self.transport is not None and self.transport.pid is not None:
            with suppress(KeyError):  # the keeper has just closed the pipe
                self.transport.writeToChild(_CONTROL, line.encode())

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Sort what comes through the pipes."""
        if childFD == _STATUS:
            *lines, self._status = (self._status + data).split(b"\n")
            for line in lines:
                self._told(json.loads(line))
        else:
            self._watcher.process_wrote("stdout" if childFD == 1 else "stderr", data)

    def _told(self, news: Mapping[str, Any]) -> None:
        """Understand one line of the keeper."""
        if "pid" in news:
            self.pid = news["pid"]
            self._watcher.process_started(news["pid"])
        elif "left" not in news:
            self._exit = _exit_of(news, self._program)
            self._watcher.process_ended(self._exit)

    def processExited(self, reason: Failure) -> None:
        """Read on for a moment: something that escaped may hold the pipes open for ever."""
        self._closing = self._clock.callLater(_PIPES_AFTER_EXIT, self._close)

    def _close(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()

    def processEnded(self, reason: Failure) -> None:
        """Report the end; a keeper that was killed itself takes the group along."""
        self.transport = None
        if self._closing is not None and self._closing.active():
            self._closing.cancel()
        how = self._exit
        if how is None:
            how = Exit(error="its keeper was killed")
            if self.pid is not None:
                _kill_group(self.pid)
            self._watcher.process_ended(how)
        self._watcher.process_gone(how)


def _exit_of(news: Mapping[str, Any], program: str) -> Exit:
    if "errno" in news:
        why = os.strerror(news["errno"])
        return Exit(error=f"{program} cannot be started ({news['at']}): {why}")
    return Exit(status=news.get("status"), signal=news.get("signal"))


def _kill_group(pid: int) -> None:
    """Kill what may be left in the program's own group; its keeper cannot do it any more."""
    with suppress(OSError):
        os.killpg(pid, signal.SIGKILL)


class Spawner:
    """Starts keepers. `reactor` gives processes and time."""

    def __init__(self, reactor: IReactorProcess, clock: IReactorTime) -> None:
        self._reactor = reactor
        self._clock = clock

    def spawn(
        self,
        command: Command,
        watcher: Watcher,
        runner: socket.socket | None = None,
        listening: socket.socket | None = None,
    ) -> Process:
        """Start a program; `runner` and `listening` become its descriptors 3 and 4.

        The caller closes both sockets afterwards. Raises OSError when not even the keeper starts.
        """
        process = Process(self._clock, watcher, command.argv[0])
        null = os.open(os.devnull, os.O_RDWR)
        descriptors: dict[int, int | str] = {0: null, 1: "r", 2: "r", _CONTROL: "w", _STATUS: "r"}
        for number, sock in ((RUNNER_FD, runner), (LISTEN_FD, listening)):
            if sock is not None:
                descriptors[number] = sock.fileno()
        try:
            self._reactor.spawnProcess(
                process,
                sys.executable,
                [sys.executable, "-I", "-S", _KEEPER],
                env={},
                childFDs=descriptors,
            )
        finally:
            os.close(null)
        assert process.transport is not None  # noqa: S101 - spawnProcess has just set it
        process.transport.writeToChild(_CONTROL, command.settings())
        return process
