"""Hosts follow the file that defines them: an edit is taken over, a broken one only told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from hangerd.errors import SettingsError
from hangerd.hosts.service import HostsService
from hangerd.hosts.sources import Sources, Stamp, read_stamp
from hangerd.hosts.spec import Spec


class SettingsFileService(Service):
    """Watches `file`; `load` reads the specs of it, and raises SettingsError when it is broken.

    Hosts that were defined otherwise (over HTTP) are left alone, unless the file names them.
    """

    name = "settings file"
    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        hosts: HostsService,
        file: Path,
        specs: Mapping[str, Spec],
        load: Callable[[Path], Mapping[str, Spec]],
        stamp: Callable[[str], Stamp] = read_stamp,
    ) -> None:
        self._hosts = hosts
        self._file = file
        self._specs = specs
        self._load = load
        self._sources = Sources(clock, self._edited, stamp)

    def startService(self) -> None:
        """Begin to watch."""
        super().startService()
        self._sources.add([str(self._file)])

    def stopService(self) -> None:
        """Watch no more."""
        super().stopService()
        self._sources.stop()

    def _edited(self, path: str) -> None:
        try:
            specs = self._load(self._file)
        except SettingsError as error:
            self._log.error(
                "the hosts stay as they are: {message}; {remedy}",
                message=error.message,
                remedy=error.remedy,
            )
            return
        before, self._specs = self._specs, specs
        self._hosts.define_all(specs, before)
        self._log.info("the hosts of {file} are taken over", file=path)
