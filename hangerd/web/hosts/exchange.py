"""The call of a host's function on the direct road.

It is told what comes of it without a Deferred, whose callbacks would cost as much as reading the
request does. So nothing may be raised to who tells it: that is the host's connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from twisted.python.failure import Failure

from hangerd.hosts.faults import CallError
from hangerd.hosts.replies import Collector, Reply, Stream
from hangerd.web.errors import failure_answer
from hangerd.web.exchange import Exchange
from hangerd.web.hosts.calls import fault_answer, reply_answer
from hangerd.web.plain import Answer, Headed
from hangerd.web.request import Request

_T = TypeVar("_T")


class CallExchange(Exchange):
    """Awaits that `came` or `failed` is called."""

    __slots__ = ()

    def _await(self, found: Collector) -> None:
        self._pending = found

    def came(self, found: Reply | Stream) -> None:
        """Answer with a value, or let one of Twisted's requests send a stream."""
        if isinstance(found, Stream):
            self._give_way(found)
        else:
            self._tell(reply_answer, found)

    def failed(self, error: CallError) -> None:
        """Answer why the call failed."""
        self._tell(fault_answer, error)

    def _tell(self, answer: Callable[[Headed, _T], Answer], about: _T) -> None:
        try:
            told = answer(self, about)
        except Exception:
            told = failure_answer(Failure())
        self._settle(told)

    def _give_way(self, stream: Stream) -> None:
        channel, head, body = self._channel, self._head, self._body
        if channel is None or head is None:  # who has gone is told nothing
            stream.close()
            return
        self._channel = None
        self._pending = None
        self._give_back()
        try:
            request = cast(Request, channel.new_request())
            request.begin_with(self._began, stream)
            channel.give_way(self, request, head, body)
        except Exception:
            self._broke(channel)
            stream.close()
