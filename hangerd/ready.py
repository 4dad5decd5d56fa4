"""The service that says when the daemon is ready, and when it no longer is.

It starts last and stops first: to systemd, to the ready-file, and to whoever asks `/-/ready`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from twisted.application.service import Service

from hangerd.errors import SettingsError
from hangerd.notify import Notifier
from hangerd.state import write_private


class ReadyService(Service):
    """Knows whether the daemon listens and is not stopping.

    As long as that is so, each of `ready_files` has the pid and what `told` says, as JSON.
    """

    name = "ready"

    def __init__(
        self,
        when_running: Callable[[Callable[[], None]], object],
        told: Callable[[], Mapping[str, Any]],
        notifier: Notifier,
        ready_files: Sequence[Path],
        refuse_start: Callable[[SettingsError], None],
    ) -> None:
        self._when_running = when_running
        self._told = told
        self._notifier = notifier
        self._ready_files = ready_files
        self._refuse_start = refuse_start
        self.ready = False

    def startService(self) -> None:
        """Say so as soon as the reactor runs, since only then anybody is served."""
        super().startService()
        for file in self._ready_files:
            # Now, while the operator still sees what is wrong with it.
            self._remove_file(file)
        self._when_running(self._announce)

    def stopService(self) -> None:
        """Say that the daemon stops."""
        super().stopService()
        self.ready = False
        self._notifier.tell("STOPPING=1")
        for file in self._ready_files:
            file.unlink(missing_ok=True)

    def _announce(self) -> None:
        if not self.running:
            return
        self.ready = True
        told = json.dumps({"pid": os.getpid(), **self._told()}) + "\n"
        for file in self._ready_files:
            write_private(file, told)
        self._notifier.tell("READY=1")

    def _remove_file(self, file: Path) -> None:
        """Drop an old ready-file, and see that a new one can be written.

        By writing another beside it: whoever waits for the file must not see it before its time.
        """
        beside = file.with_name(file.name + ".try")
        try:
            file.unlink(missing_ok=True)
            write_private(beside, "")
            beside.unlink()
        except OSError as error:
            self._refuse_start(
                SettingsError(
                    f"--ready-file {file}: {error.strerror}", "name a file that can be written"
                )
            )
