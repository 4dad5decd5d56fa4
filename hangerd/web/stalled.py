"""The end of a connection whose client takes nothing of what waits to be sent to it.

Nobody else ends it: neither TCP nor a Unix socket knows how long is too long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall

from hangerd.web.arrival import untaken

SECONDS = 60.0


class Stalled:
    """Looks each `SECONDS` whether something was taken; if not, the connection is aborted."""

    __slots__ = ("_call", "_call_later", "_left", "_transport")

    def __init__(self, transport: Any, call_later: Callable[..., IDelayedCall]) -> None:
        self._transport, self._call_later = transport, call_later
        self._call: IDelayedCall | None = None
        self._left: int | None = None

    def begin(self) -> None:
        """Look from now on."""
        if self._call is None:
            self._left = untaken(self._transport)
            self._call = self._call_later(SECONDS, self._look)

    def end(self) -> None:
        """Look no more: all was taken, or the connection is gone."""
        call, self._call = self._call, None
        if call is not None:
            call.cancel()

    def _look(self) -> None:
        self._call = None
        if untaken(self._transport) == self._left:
            self._transport.abortConnection()
        else:
            self.begin()
