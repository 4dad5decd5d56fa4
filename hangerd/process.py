"""What the daemon asks of its own process: many files, a calm collector, to be stopped once."""

from __future__ import annotations

import gc
import resource
import signal
from itertools import count
from types import FrameType
from typing import Final

_YOUNG: Final = 10_000  # objects made until the garbage collector looks at them


def raise_file_limit() -> None:
    """Take as many open files as the system lets us: each waiting read is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def calm_collector() -> None:
    """Have the garbage collector leave out what is there from the start, and come less often.

    A daemon with many slots spent a tenth of its time on looking at objects that stay.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)


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
