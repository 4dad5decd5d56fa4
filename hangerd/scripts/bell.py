"""What an idle thread waits for: a bell that hands the interpreter over together with the call.

Who releases a lock holds the interpreter while the other thread wakes: it finds that taken, and
sleeps again. A write to an eventfd lets go of the interpreter, and takes it back when the woken
thread has gone as far as it can; that is two changes of threads for each hand-over, not six.
"""

from __future__ import annotations

import os
import threading
from typing import Protocol


class Bell(Protocol):
    """One thread waits, any other rings."""

    def ring(self) -> None:
        """Let the thread go on, now or when it comes to wait."""

    def wait(self) -> None:
        """Wait until it was rung."""

    def close(self) -> None:
        """Give back what it holds; nobody rings any more."""


class EventBell:
    """A bell of Linux."""

    def __init__(self) -> None:
        self._event = os.eventfd(0)

    def ring(self) -> None:
        """See `Bell.ring`."""
        os.eventfd_write(self._event, 1)

    def wait(self) -> None:
        """See `Bell.wait`."""
        os.eventfd_read(self._event)

    def close(self) -> None:
        """See `Bell.close`."""
        os.close(self._event)


class LockBell:
    """A bell of any system."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        """See `Bell.ring`."""
        self._lock.release()

    def wait(self) -> None:
        """See `Bell.wait`."""
        self._lock.acquire()

    def close(self) -> None:
        """See `Bell.close`."""


def make_bell() -> Bell:
    """Make the best that there is: where no file can be opened, one that needs none."""
    try:
        return EventBell() if hasattr(os, "eventfd") else LockBell()
    except OSError:
        return LockBell()
