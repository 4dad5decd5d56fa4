"""A slot's request on the direct road, whose answer may hang for long."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from hangerd.web.errors import failure_answer
from hangerd.web.exchange import Exchange
from hangerd.web.plain import Answer


class SlotExchange(Exchange):
    """Awaits a Deferred of its answer."""

    __slots__ = ()

    def _await(self, found: Deferred[Answer]) -> None:
        self._forget()
        self._pending = found.addCallbacks(self._settle, self._failed)

    def _forget(self) -> None:
        """Keep no more than a long wait needs; a body counts to its end, as on the other road."""
        self._head = None
        self._body = b""
        del self.query
        self.lines = _nothing

    def _failed(self, why: Failure) -> None:
        if self._channel is not None:
            self._settle(failure_answer(why))


def _nothing(name: bytes) -> None:
    """Have no headers."""
