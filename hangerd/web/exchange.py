"""One request on the direct road: asked as a value, and answered by one write.

It has a place in its channel as one of Twisted's requests has, and the same manners: what was asked
is given up when the client leaves, and whether an answer arrived is told where somebody asks.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from twisted.logger import Logger
from twisted.python.failure import Failure

from hangerd.slots.limits import Quota
from hangerd.web.access import Finished
from hangerd.web.channel import HttpChannel
from hangerd.web.channel.head import Head
from hangerd.web.errors import failure_answer
from hangerd.web.plain import Answer, PlainRequest
from hangerd.web.wire_form import WireForm


class Asking(NamedTuple):
    """What a head asks for.

    `ask` is called with the request and `names`, which are in its path. `shown` is its path for the
    log. `standing` are the header lines of every answer there. `exchange` knows what `ask` returns.
    """

    ask: Callable[..., Any]
    names: tuple[str, ...]
    shown: str
    standing: bytes
    exchange: type[Exchange]


class Pending(Protocol):
    """What was asked and is not answered yet."""

    def cancel(self) -> None:
        """Give it up."""
        ...


class ExchangeParts(NamedTuple):
    """What all exchanges share: `receiving` counts bodies, `wire_form` puts answers into bytes."""

    receiving: Quota
    wire_form: WireForm


class Exchange(PlainRequest):
    """A request that is being answered, whose body was counted in.

    Who derives from it knows what `Asking.ask` returns for an answer that comes later, and brings
    that to `_settle`.
    """

    __slots__ = (
        "_asking",
        "_began",
        "_body",
        "_channel",
        "_counted",
        "_head",
        "_parts",
        "_pending",
    )

    startedWriting = 0  # an answer leaves whole
    _log = Logger()

    def __init__(
        self, channel: HttpChannel, head: Head, client: str, asking: Asking, parts: ExchangeParts
    ) -> None:
        super().__init__(head.method, head.target, head.fields.get, client)
        self._channel: HttpChannel | None = channel
        self._head: Head | None = head
        self._asking = asking
        self._parts = parts
        self._began: float = channel.site.clock.seconds()
        self._counted = head.length or 0
        self._body = b""
        self._pending: Pending | None = None

    def begin(self, body: bytes) -> None:
        """See `Direct.begin`."""
        self._body = body
        try:
            found = self._asking.ask(self, *self._asking.names)
        except Exception:
            found = failure_answer(Failure())
        if isinstance(found, Answer):
            self._answer(found)
        elif self._channel is not None:  # else it was settled at once
            self._await(found)

    @abstractmethod
    def _await(self, found: Any) -> None:
        """Keep what was asked, to give it up if need be: `_pending`."""

    def read(self) -> bytes:
        """See `PlainRequest.read`."""
        return self._body

    def connectionLost(self, reason: Failure) -> None:
        """Give up what was asked: the client is gone."""
        self._channel = None
        self._give_back()
        if self._pending is not None:
            self._pending.cancel()

    def _give_back(self) -> None:
        if self._counted:
            self._parts.receiving.give(self.client, self._counted)
            self._counted = 0

    def _settle(self, told: Answer) -> None:
        """Answer what was asked before, unless the client has left. Raises nothing."""
        channel = self._channel
        if channel is None:
            return
        try:
            self._answer(told)
        except Exception:
            self._broke(channel)

    def _broke(self, channel: HttpChannel) -> None:
        """End the connection of what cannot be answered; where an exception says so."""
        self._log.failure("An answer could not be written.")
        channel.loseConnection()

    def _answer(self, told: Answer) -> None:
        channel, settled = self._channel, told.settled
        assert channel is not None, "who has gone is told nothing"  # noqa: S101 (for mypy)
        self._channel = None
        self._pending = None  # which may know this request: a circle
        if self._counted:
            self._give_back()
        later = settled is not None and channel.when_settled(settled)
        channel.answer(self._parts.wire_form.of(told, self._asking.standing))
        site = channel.site
        site.finished(
            Finished(
                self.client,
                self.method,
                self._asking.shown,
                told.status,
                len(told.body),
                site.clock.seconds() - self._began,
            )
        )
        channel.requestDone(self)
        if settled is not None and not later:
            settled(False)
