"""Starts a daemon in the background that outlives the program, and ends when nobody uses it.

Whoever wants one and finds none tries to lock `spawn.lock` in the state directory; the one who has
it starts the daemon, the others wait for that. So programs that start at once share one daemon.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hangerd.client.errors import StartFailed, Unreachable
from hangerd.client.finding import read_place
from hangerd.client.pipes import Io
from hangerd.places import LOCK_NAME, LOG_NAME, READY_NAME

START_WITHIN: Final = 30.0
_PAUSE: Final = 0.05
_TAIL: Final = 4000  # characters of the log that an error shows
_RUN: Final = "from twisted.scripts.twistd import run; run()"
# What a service's supervisor told the program is not for a daemon of its own.
_DROPPED: Final = frozenset({"NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "WATCHDOG_USEC"})


class Spawner:
    """Starts daemons with `flags` of `twistd hangerd`; called with a state directory."""

    def __init__(
        self,
        io: Io,
        idle_exit: float,
        flags: Sequence[str] = (),
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._io = io
        ports = () if any(flag.startswith("--port") for flag in flags) else ("--port=none",)
        self._flags = (*ports, "--admin=none", f"--idle-exit={idle_exit}", *flags)
        self._environ = {key: environ[key] for key in environ if key not in _DROPPED}

    async def start(self, state_dir: Path, deadline: float | None) -> None:
        """Return when a daemon answers. Raises StartFailed."""
        soon = self._io.now() + START_WITHIN
        until = soon if deadline is None else min(soon, deadline)
        while not await self._answers(state_dir):
            if self._io.now() > until:
                raise StartFailed(
                    f"the hangerd of {state_dir} does not answer{log_tail(state_dir)}",
                    "Read its log, or stop it.",
                )
            if not await self._io.aside(lambda: self._try(state_dir)):
                await self._io.sleep(_PAUSE)

    async def _answers(self, state_dir: Path) -> bool:
        """Whether a daemon takes connections. Raises Unreachable for one that never will."""
        ready = state_dir / READY_NAME
        if not ready.exists():  # asked before it is read: it comes and goes with the daemon
            return False
        try:
            place = read_place(state_dir)
        except Unreachable:
            if ready.exists() and _locked(state_dir / LOCK_NAME):
                raise
            return False
        try:
            pipe = await self._io.open(place.calls or place.http, _Nobody(), self._io.now() + 5.0)
        except OSError:
            return False
        pipe.close()
        return True

    def _try(self, state_dir: Path) -> bool:
        """Start a daemon, unless another program does so or one is there. Raises StartFailed."""
        with _holding(state_dir) as held:
            if not held or _locked(state_dir / LOCK_NAME):
                return False
            started = subprocess.run(  # noqa: S603 - this Python, and flags of the program's own
                self._command(state_dir),
                cwd=state_dir,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
                timeout=START_WITHIN,
                check=False,
            )
        if started.returncode:
            said = started.stderr.decode(errors="replace").strip()[-_TAIL:]
            raise StartFailed(
                f"hangerd did not start: {said or log_tail(state_dir)}", "Mend that, and try again."
            )
        return True

    def _command(self, state_dir: Path) -> list[str]:
        log = state_dir / LOG_NAME
        twistd = [sys.executable, "-P", "-c", _RUN, "--pidfile=", f"--logfile={log}"]
        return [*twistd, "hangerd", f"--state-dir={state_dir}", *self._flags]


class _Nobody:
    """Takes nothing."""

    def feed(self, data: bytes) -> None:
        """Drop it."""

    def lost(self, reason: str, unread: bool = False) -> None:
        """Do nothing."""


def log_tail(state_dir: Path) -> str:
    """Return the last lines of a daemon's log, after a line of their own; nothing without any."""
    try:
        text = (state_dir / LOG_NAME).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return f"; the end of its log:\n{text[-_TAIL:]}"


@contextmanager
def _holding(state_dir: Path) -> Iterator[bool]:
    """Hold the lock of who starts daemons; say whether it was free."""
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(state_dir / "spawn.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartFailed(
            f"cannot use the state directory {state_dir}: {error.strerror}", "Name another."
        ) from None
    try:
        yield _flock(lock)
    finally:
        os.close(lock)


def _locked(file: Path) -> bool:
    """Whether a daemon has its lock."""
    try:
        lock = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _flock(lock)
    finally:
        os.close(lock)


def _flock(lock: int) -> bool:
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
