"""Whether a command is ready: it is asked again and again until it is, or somebody gives up."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

Check = Callable[[], Deferred[bool]]
TRY: Final = 5.0
"""Seconds that one try may take."""


class Prober:
    """Asks `check` every `interval` seconds until it says yes; `ready` is called once then."""

    def __init__(
        self, check: Check, interval: float, clock: IReactorTime, ready: Callable[[], None]
    ) -> None:
        self._check = check
        self._interval = interval
        self._clock = clock
        self._ready = ready
        self._timer: IDelayedCall | None = None
        self._asking: Deferred[None] | None = None
        self._stopped = False

    def start(self) -> None:
        """Ask for the first time."""
        self._timer = None
        asking = self._check().addTimeout(TRY, self._clock)
        self._asking = asking.addCallbacks(self._answered, self._refused)

    def stop(self) -> None:
        """Ask no more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._asking is not None:
            self._asking.cancel()

    def _answered(self, yes: bool) -> None:
        self._asking = None
        if self._stopped:
            return
        if yes:
            self._stopped = True
            self._ready()
        else:
            self._timer = self._clock.callLater(self._interval, self.start)

    def _refused(self, why: Failure) -> None:
        self._answered(False)


class LogProbe:
    """Looks for a line; it is shown the output, and need not ask anybody."""

    def __init__(self, pattern: str, ready: Callable[[], None]) -> None:
        self._pattern = re.compile(pattern)
        self._ready = ready
        self._rest: dict[str, str] = {}
        self._found = False

    def saw(self, stream: str, data: bytes) -> None:
        """Look at output as it comes."""
        if self._found:
            return
        text = self._rest.get(stream, "") + data.decode(errors="replace")
        *_, self._rest[stream] = text.rsplit("\n", 1)
        self._rest[stream] = self._rest[stream][-8192:]
        if any(self._pattern.search(line) for line in text.split("\n")):
            self._found = True
            self._ready()
