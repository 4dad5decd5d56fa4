"""A road beside the ordinary one, for requests that are answered without one of Twisted's.

The channel asks the road about each head whose body is short and here already. What the road does
not take goes on as a `Request`, unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from twisted.python.failure import Failure

from hangerd.web.channel.head import Head

if TYPE_CHECKING:
    from hangerd.web.channel.channel import HttpChannel


class Served(Protocol):
    """What a connection knows of the request that it answers, whichever road that takes."""

    method: bytes
    uri: bytes

    @property
    def startedWriting(self) -> int:
        """Whether its answer has begun to leave."""
        ...

    def getHeader(self, name: bytes, /) -> bytes | None:
        """Give a header's last value, None where it is absent."""
        ...

    def connectionLost(self, reason: Failure) -> None:
        """Know that it will not be answered any more."""
        ...


class Direct(Served, Protocol):
    """A request on the direct road.

    It writes its answer whole to the channel, and then calls `requestDone` there; or it gives way
    to an ordinary one by `HttpChannel.give_way`.
    """

    def begin(self, body: bytes) -> None:
        """Answer, now or later."""
        ...


DirectRoad = Callable[["HttpChannel", Head], Direct | None]
