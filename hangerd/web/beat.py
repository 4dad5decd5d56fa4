"""A sign of life, for an answer that may be silent for long: proxies cut off what says nothing.

nginx does so after 60 seconds, and after 30 with etc/nginx.conf.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

BEAT: Final = 15.0
"""Seconds of silence before a sign of life."""


class Beat:
    """Calls a function after each 15 seconds of silence, from `start` to `stop`."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._call: IDelayedCall | None = None

    def start(self, show_life: Callable[[], None]) -> None:
        """Begin to call `show_life`, which is known until `stop`; harmless when it has begun."""
        if self._call is None:
            self._call = self._clock.callLater(BEAT, self._tick, show_life)

    def touch(self) -> None:
        """Hear that something was sent; the silence begins anew."""
        if self._call is not None:
            self._call.reset(BEAT)

    def stop(self) -> None:
        """Show no more signs; harmless when there were none."""
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _tick(self, show_life: Callable[[], None]) -> None:
        self._call = self._clock.callLater(BEAT, self._tick, show_life)
        show_life()
