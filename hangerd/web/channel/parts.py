"""What all connections of a site share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from hangerd.web.channel.direct import DirectRoad
from hangerd.web.channel.limits import Limits
from hangerd.web.channel.sending import TurnEnd
from hangerd.web.channel.timeouts import Sweep

# Headers, each with its value.
Pairs = Iterable[tuple[bytes, bytes]]


class RefusedChannel(Protocol):
    """What is known of a connection whose request the channel refuses."""

    @property
    def path(self) -> bytes:
        """The request-target as far as it was received, perhaps cut; empty when none was."""
        ...

    @property
    def origin(self) -> bytes | None:
        """The request's Origin header; None when it has none, or it did not come whole."""
        ...


def no_headers(channel: RefusedChannel) -> list[tuple[bytes, bytes]]:
    """Add nothing to a refusal."""
    return []


@dataclass(frozen=True, slots=True)
class ChannelParts:
    """The collaborators of a site's channels.

    `sweep_interval` is in seconds: timeouts are kept to that precision. `refusal_headers` gives
    the headers that a site wants on the answers which the channel gives by itself. `direct` takes
    some requests beside the ordinary road. `shared_turn_end` is one that others call too.
    """

    clock: IReactorTime
    limits: Limits = field(default_factory=Limits)
    refusal_headers: Callable[[RefusedChannel], list[tuple[bytes, bytes]]] = no_headers
    sweep_interval: float = 5.0
    direct: DirectRoad | None = None
    shared_turn_end: TurnEnd | None = None
    sweep: Sweep = field(init=False)
    turn_end: TurnEnd = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sweep", Sweep(self.clock, self.sweep_interval))
        object.__setattr__(self, "turn_end", self.shared_turn_end or TurnEnd(self.clock))
