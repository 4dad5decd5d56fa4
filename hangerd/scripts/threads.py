"""Threads that a script starts: they are of its run, and a failure is told as its own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from hangerd.scripts.current import CURRENT
from hangerd.scripts.errors import ScriptEnded
from hangerd.scripts.outcome import describe


def start_with_run(start: Callable[[threading.Thread], None]) -> Callable[..., None]:
    """Make a `Thread.start` that hands the run on; the thread may not keep the daemon alive."""

    def start_in_run(self: threading.Thread) -> None:
        run = CURRENT.get()
        if run is not None and self.ident is None:
            self.daemon = True
            work = self.run

            def work_in_run() -> None:
                CURRENT.set(run)
                work()

            self.run = work_in_run  # type: ignore[method-assign]
        start(self)

    return start_in_run


def tell_failure(
    tell: Callable[[threading.ExceptHookArgs], object],
) -> Callable[[threading.ExceptHookArgs], object]:
    """Make a `threading.excepthook` that shows no frames of the daemon, and no end from outside."""

    def tell_in_run(failed: threading.ExceptHookArgs) -> None:
        error = failed.exc_value
        run = CURRENT.get()
        if run is None or error is None:
            tell(failed)
        elif isinstance(error, SystemExit | ScriptEnded):
            return
        elif (hook := run.streams.get("threading.excepthook")) is not None:
            hook(failed)
        else:
            name = failed.thread.name if failed.thread else "a thread"
            sys.stderr.write(f"Exception in thread {name}:\n{describe(error)}")

    return tell_in_run
