"""One request on the direct road: asked as a value, and answered by one write.

It has a place in its channel as one of Twisted's requests has, and the same manners: what was asked
is given up when the client leaves, and whether an answer arrived is told where somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from hangerd.hosts.replies import Stream
from hangerd.slots.limits import Quota
from hangerd.web.access import Finished
from hangerd.web.channel import HttpChannel
from hangerd.web.channel.head import Head
from hangerd.web.errors import failure_answer
from hangerd.web.plain import Answer, PlainRequest
from hangerd.web.request import Request
from hangerd.web.wire_form import WireForm

Found = Answer | Stream
Ask = Callable[..., Answer | Deferred[Answer] | Deferred[Found]]


class Asking(NamedTuple):
    """What a head asks for.

    `ask` is called with the request and `names`, which are in its path. `shown` is its path for the
    log. `standing` are the header lines of every answer there.
    `streams` says that a `Stream` may come of it, for which the exchange then gives way to one of
    Twisted's requests.
    """

    ask: Ask
    names: tuple[str, ...]
    shown: str
    standing: bytes
    streams: bool = False


class ExchangeParts(NamedTuple):
    """What all exchanges share: `receiving` counts bodies, `wire_form` puts answers into bytes."""

    receiving: Quota
    wire_form: WireForm


class Exchange(PlainRequest):
    """A request that is being answered, whose body was counted in."""

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
        self._pending: Deferred[None] | None = None

    def begin(self, body: bytes) -> None:
        """See `Direct.begin`."""
        self._body = body
        try:
            found = self._asking.ask(self, *self._asking.names)
        except Exception:
            self._answer(failure_answer(Failure()))
            return
        if isinstance(found, Answer):
            self._answer(found)
            return
        if not self._asking.streams:
            self._forget()
        self._pending = found.addCallbacks(self._came, self._failed).addErrback(self._broke)

    def read(self) -> bytes:
        """See `PlainRequest.read`."""
        return self._body

    def connectionLost(self, reason: Failure) -> None:
        """Give up what was asked: the client is gone."""
        self._channel = None
        self._give_back()
        if self._pending is not None:
            self._pending.cancel()

    def _forget(self) -> None:
        """Keep no more than a long wait needs; a body counts to its end, as on the other road."""
        self._head = None
        self._body = b""
        del self.query
        self.lines = _nothing

    def _give_back(self) -> None:
        if self._counted:
            self._parts.receiving.give(self.client, self._counted)
            self._counted = 0

    def _came(self, found: Found) -> None:
        if self._channel is None:
            if isinstance(found, Stream):
                found.close()
        elif isinstance(found, Stream):
            self._give_way(found)
        else:
            self._answer(found)

    def _failed(self, why: Failure) -> None:
        if self._channel is not None:
            self._answer(failure_answer(why))

    def _broke(self, why: Failure) -> None:
        self._log.failure("An answer could not be written.", why)
        if self._channel is not None:
            self._channel.loseConnection()

    def _answer(self, told: Answer) -> None:
        channel, settled = self._channel, told.settled
        assert channel is not None, "who has gone is told nothing"  # noqa: S101 (for mypy)
        self._channel = None
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

    def _give_way(self, stream: Stream) -> None:
        """Let one of Twisted's requests send what does not come at once."""
        channel, head, body = self._channel, self._head, self._body
        assert channel is not None, "it is still here"  # noqa: S101 (for mypy)
        assert head is not None, "kept where streams may come"  # noqa: S101 (for mypy)
        self._channel = None
        self._give_back()
        request = cast(Request, channel.new_request())
        request.begin_with(self._began, stream)
        channel.give_way(self, request, head, body)


def _nothing(name: bytes) -> None:
    """Have no headers."""
