"""The file with the control token, followed: another token in it counts at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from hangerd.control import ControlSecret
from hangerd.errors import SettingsError
from hangerd.hosts.sources import Stamp, read_stamp

LOOK_EVERY: Final = 1.0  # seconds


class TokenFileService(Service):
    """Looks at `file` every second, and whenever somebody brings a wrong token.

    A file that cannot be read, or holds no token, changes nothing; the log says so.
    """

    name = "token file"
    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        secret: ControlSecret,
        file: Path,
        read: Callable[[Path], str],
        stamp: Callable[[str], Stamp] = read_stamp,
    ) -> None:
        self._secret = secret
        self._file = file
        self._read = read
        self._stamp = stamp
        self._seen = stamp(str(file))
        self._looking = LoopingCall(self._look)
        self._looking.clock = clock

    def startService(self) -> None:
        """Begin to follow."""
        super().startService()
        self._secret.looking(self._look)
        self._looking.start(LOOK_EVERY)

    def stopService(self) -> None:
        """Follow no more."""
        super().stopService()
        self._looking.stop()

    def _look(self) -> None:
        stamp = self._stamp(str(self._file))
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            text = self._read(self._file)
        except SettingsError as error:
            self._log.error(
                "the control token stays as it is: {message}; {remedy}",
                message=error.message,
                remedy=error.remedy,
            )
            return
        self._secret.change(text)
        self._log.info("the control token in {file} is taken over", file=str(self._file))
