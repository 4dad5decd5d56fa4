"""The hosts of a daemon as a service: by name, started when needed, all gone at the end."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, TimeoutError, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from hangerd.hosts.errors import HostUnknown
from hangerd.hosts.host import Host, Surroundings
from hangerd.hosts.launch import Launcher, ProcessLauncher
from hangerd.hosts.log import HostLog
from hangerd.hosts.process import Spawner
from hangerd.hosts.recycling import Recycling
from hangerd.hosts.report import describe
from hangerd.hosts.rotation import RotatedFile
from hangerd.hosts.sending import Reading
from hangerd.hosts.spec import Spec
from hangerd.idle import Use

STOP_WITHIN: Final = 3.0
_KILL_BEFORE: Final = 0.75  # seconds before the end of a stop at which everything left is killed


def around_reactor(
    reactor: Any, state_dir: Path, runtime_dir: Path, reading: Reading
) -> Surroundings:
    """Return the surroundings of real hosts: `reactor` gives time, processes and sockets."""
    launcher = ProcessLauncher(Spawner(reactor, reactor), reactor, runtime_dir, os.environ)
    return surroundings(reactor, launcher, state_dir, reading)


def surroundings(
    clock: IReactorTime, launcher: Launcher, state_dir: Path, reading: Reading
) -> Surroundings:
    """Return surroundings with chance and tokens from the system."""
    return Surroundings(
        clock=clock,
        launcher=launcher,
        random=random.random,
        tokens=lambda: secrets.token_urlsafe(24),
        checkpoint=lambda name: _checkpoint(state_dir / "checkpoints", name),
        recycling=Recycling(),
        reading=reading,
    )


def _checkpoint(folder: Path, name: str) -> str:
    """Return where a host keeps its state, in a folder that is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(folder / name)


class HostsService(Service):
    """Knows the hosts by name. `now` gives seconds since the epoch, for log lines.

    `stop_within` bounds stopService, in seconds: hosts are drained and stopped, and what is left
    shortly before is killed.
    """

    name = "hosts"
    _log = Logger()

    def __init__(
        self,
        around: Surroundings,
        state_dir: Path,
        stop_within: float = STOP_WITHIN,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._around = around
        self._state_dir = state_dir
        self._stop_within = stop_within
        self._now = now
        self._hosts: dict[str, Host] = {}
        self._listeners: list[Callable[[], None]] = []

    @property
    def reading(self) -> Reading:
        """Return what gathers writes while input is worked off."""
        return self._around.reading

    def __iter__(self) -> Any:
        return iter(sorted(self._hosts))

    def __contains__(self, name: str) -> bool:
        return name in self._hosts

    def find(self, name: str) -> Host | None:
        """Return a host; None if there is none of this name."""
        return self._hosts.get(name)

    def get(self, name: str) -> Host:
        """Return a host. Raises HostUnknown."""
        try:
            return self._hosts[name]
        except KeyError:
            known = ", ".join(self) or "none"
            raise HostUnknown(
                f"there is no host {name!r:.80}", f"Define it first; there are: {known}."
            ) from None

    def when_changed(self, told: Callable[[], None]) -> None:
        """Have `told` called whenever a host is defined, changed or removed."""
        self._listeners.append(told)

    def _changed(self) -> None:
        for told in self._listeners:
            told()

    def define(self, name: str, spec: Spec) -> Host:
        """Define a host, or let one become what `spec` says without failing its calls."""
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name, spec, self._make_log(name, spec), self._around)
        elif host.spec != spec:
            host.renew(spec)
        if spec.autostart and self.running:
            host.pool.start()
        self._changed()
        return host

    def define_all(self, specs: Mapping[str, Spec], before: Mapping[str, Spec]) -> None:
        """Go over to new settings: hosts that `before` named and `specs` does not are removed."""
        for name, spec in specs.items():
            self.define(name, spec)
        for name in set(before) - set(specs):
            if name in self._hosts:
                self.remove(name)

    def remove(self, name: str) -> Deferred[None]:
        """Stop a host and forget it. Raises HostUnknown."""
        host = self.get(name)
        del self._hosts[name]
        self._changed()
        return host.stop().addCallback(lambda _: host.close())

    def use(self) -> Use:
        """Count the hosts that somebody uses, and all calls that ended."""
        hosts = self._hosts.values()
        return Use(sum(one.used for one in hosts), sum(one.statistics.count for one in hosts))

    def describe(self, name: str) -> dict[str, Any]:
        """Return the state of a host as plain values. Raises HostUnknown."""
        return describe(self.get(name), self._around.clock.seconds())

    def _make_log(self, name: str, spec: Spec) -> HostLog:
        def failed(error: OSError) -> None:
            self._log.warn("the log of host {name} cannot be kept: {error}", name=name, error=error)

        path = self._state_dir / "logs" / f"{name}.log"
        return HostLog(RotatedFile(path, spec.log_size, spec.log_files, failed), self._now)

    def startService(self) -> None:
        """Start the hosts that are to run from the beginning."""
        super().startService()
        for host in self._hosts.values():
            if host.spec.autostart:
                host.pool.start()

    def stopService(self) -> Deferred[None]:
        """Stop every host; fires when nothing of them is left, `stop_within` seconds at most."""
        super().stopService()
        if not self._hosts:
            return succeed(None)
        kill = self._around.clock.callLater(
            max(0.0, self._stop_within - _KILL_BEFORE), self._kill_all
        )
        stops = [host.stop() for host in self._hosts.values()]
        all_gone = DeferredList(stops, consumeErrors=True)
        all_gone.addTimeout(self._stop_within, self._around.clock)
        return all_gone.addErrback(self._left_behind).addCallback(lambda _: self._close(kill))

    def _kill_all(self) -> None:
        for host in self._hosts.values():
            host.kill()

    def _left_behind(self, why: Failure) -> None:
        why.trap(TimeoutError)
        left = [name for name, host in self._hosts.items() if host.pool.alive]
        self._log.error("hosts that could not be killed: {left}", left=left)

    def _close(self, kill: Any) -> None:
        if kill.active():
            kill.cancel()
        for host in self._hosts.values():
            host.close()
