"""From a spec to a running program: which argv, as whom, with which sockets."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from twisted.internet.interfaces import IAddress, IReactorSocket
from twisted.internet.protocol import ServerFactory

from hangerd.hosts.checks import find_check
from hangerd.hosts.errors import LaunchError
from hangerd.hosts.fields import find_account
from hangerd.hosts.link import Link
from hangerd.hosts.probe import Check
from hangerd.hosts.process import (
    LISTEN_FD,
    RUNNER_FD,
    Command,
    Process,
    Spawner,
    Watcher,
    environment,
)
from hangerd.hosts.runners.find import find_node
from hangerd.hosts.spec import Spec
from hangerd.hosts.wire import MAX_MESSAGE, PROTOCOL

_RUNNERS: Final = Path(__file__).with_name("runners")
_ORPHAN_GRACE: Final = 2.0  # seconds at most that a program has when the daemon is gone
_LINGER: Final = 128  # connections that may wait on a direct socket


@dataclass(frozen=True, slots=True)
class Launched:
    """A program that was started. `direct` is the path of its direct socket, if it has one."""

    process: Process
    direct: Path | None


class Launcher(Protocol):
    """What an instance needs to come alive."""

    def launch(
        self, host: str, number: int, spec: Spec, watcher: Watcher, link: Link | None
    ) -> Launched:
        """Start the program, with `link` at the other end of its socket. Raises LaunchError."""
        ...

    def check(self, host: str, number: int, spec: Spec) -> Check:
        """Return how to ask a command whether it is ready."""
        ...

    def forget(self, launched: Launched) -> None:
        """Remove what was made for it on disk."""
        ...


class ProcessLauncher:
    """Starts real processes. Direct sockets are made in `runtime`, a folder of the daemon alone."""

    def __init__(
        self,
        spawner: Spawner,
        reactor: IReactorSocket,
        runtime: Path,
        own: Mapping[str, str],
    ) -> None:
        self._spawner = spawner
        self._reactor = reactor
        self._runtime = runtime
        self._own = own

    def launch(
        self, host: str, number: int, spec: Spec, watcher: Watcher, link: Link | None
    ) -> Launched:
        """Start the program, with `link` at the other end of its socket. Raises LaunchError."""
        command = build_command(host, number, spec, self._own)
        if link is None:
            return Launched(self._spawner.spawn(command, watcher), None)
        path = self._runtime / f"{_short(host)}.{number}"
        ours, theirs = socket.socketpair()
        try:
            with ours, theirs, _listen(path, command) as listening:
                process = self._spawner.spawn(command, watcher, theirs, listening)
                ours.setblocking(False)
                self._reactor.adoptStreamConnection(ours.fileno(), socket.AF_UNIX, _Given(link))
        except OSError as error:
            raise LaunchError(
                f"{host}: {error}", "Check the runtime folder and the limits of the daemon."
            ) from None
        return Launched(process, path)

    def check(self, host: str, number: int, spec: Spec) -> Check:
        """Return how to ask a command whether it is ready."""
        assert spec.probe is not None  # noqa: S101 - asked only then
        command = build_command(host, number, spec, self._own)
        return find_check(spec.probe, self._reactor, self._spawner, command)

    def forget(self, launched: Launched) -> None:
        """Remove the direct socket."""
        if launched.direct is not None:
            launched.direct.unlink(missing_ok=True)


def _short(host: str) -> str:
    """Return few letters for a name: the path of a Unix socket has 108 bytes at most."""
    return hashlib.sha256(host.encode()).hexdigest()[:12]


class _Given(ServerFactory):
    """Gives the one connection that it is for its protocol."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def buildProtocol(self, addr: IAddress | None) -> Link:
        """Return it."""
        return self._link


def _listen(path: Path, command: Command) -> socket.socket:
    """Make a direct socket that only the daemon's user, and the host's, may connect to."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(path))
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        listening.listen(_LINGER)
    except OSError:
        listening.close()
        raise
    return listening


def build_command(host: str, number: int, spec: Spec, own: Mapping[str, str]) -> Command:
    """Return what to run for a spec, with `own` as the daemon's environment. Raises LaunchError."""
    account = None if spec.user is None else find_account(spec.user)
    home = {} if account is None else {"HOME": account.home}
    env = environment(own, {**home, **spec.env})
    env.setdefault("PATH", os.defpath)
    if spec.callable:
        env |= {
            "HANGERD_SOCKET_FD": str(RUNNER_FD),
            "HANGERD_LISTEN_FD": str(LISTEN_FD),
            "HANGERD_HOST": host,
            "HANGERD_INSTANCE": str(number),
        }
    return Command(
        argv=_argv(spec, env["PATH"]),
        env=env,
        cwd=spec.cwd or "/",
        grace=min(spec.stop_grace, _ORPHAN_GRACE),
        umask=spec.umask,
        nice=spec.nice,
        rlimits=spec.rlimits,
        uid=None if account is None else account.uid,
        gid=None if account is None else account.gid,
        groups=() if account is None else account.groups,
    )


def _argv(spec: Spec, path: str) -> list[str]:
    if spec.kind == "command":
        return list(spec.argv)
    if spec.kind == "python":
        # Bytecode is matched by size and whole seconds: two quick edits could run as one.
        cached = [] if spec.watch is False else ["-B"]
        return [spec.interpreter or sys.executable, *cached, str(_RUNNERS / "python")]
    inspect = [] if spec.inspect is None else [f"--inspect=127.0.0.1:{spec.inspect}"]
    return [find_node(spec.interpreter, path), *inspect, str(_RUNNERS / "node" / "main.js")]


def first_words(host: str, number: int, spec: Spec, checkpoint: str | None) -> dict[str, Any]:
    """Return what a runner is told by `start`, as docs/wire.md says."""
    return {
        "protocol": PROTOCOL,
        "host": host,
        "instance": number,
        "kind": spec.kind,
        "path": spec.path,
        "module": spec.module,
        "threads": spec.threads,
        "pickle": spec.pickle,
        "checkpoint": checkpoint,
        "max_message": MAX_MESSAGE,
    }
