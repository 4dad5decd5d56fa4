"""The reactor as a run's threads see it: all that they may tell it."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """The reactor as a run sees it. Every method may be called from any thread."""

    def wake(self) -> None:
        """Say that there is output to take."""

    def settled(self) -> None:
        """Say that no coroutine is left."""

    def set_time_limit(self, seconds: float | None) -> None:
        """Give the script this long from now."""
