"""What the daemon asks of its own process: as many files as it may have, and to be stopped once."""

from __future__ import annotations

import resource
import signal
from itertools import count
from types import FrameType


def raise_file_limit() -> None:
    """Take as many open files as the system lets us: each waiting read is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def stop_once() -> None:
    """Let a second signal to stop change nothing: Twisted would log an error, and go on as it is.

    The reactor's own handlers take the first signal. The others are counted, not set to SIG_IGN,
    which a child would inherit.
    """
    signals = count()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, frame: FrameType | None) -> None:
        handler = handlers[signal.Signals(number)]
        if next(signals) == 0 and callable(handler):
            handler(number, frame)

    for number in handlers:
        signal.signal(number, stop)
