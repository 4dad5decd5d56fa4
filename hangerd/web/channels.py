"""What reads HTTP/1.1 at a site: our channel with a direct road, or Twisted's with our manners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorTime

from hangerd.web.channel import ChannelParts, HttpChannel, Limits
from hangerd.web.channel.sending import TurnEnd
from hangerd.web.direct import DirectRoad, Often
from hangerd.web.http1 import Channel
from hangerd.web.site import SiteRules
from hangerd.web.wire_form import WireForm


def channels(
    kind: str,
    clock: IReactorTime,
    rules: SiteRules,
    often: Often | None,
    turn_end: TurnEnd | None = None,
) -> Callable[[], Any]:
    """Give what makes the channel of a connection; `kind` is the setting http.channel."""
    if kind == "twisted":
        return Channel
    parts = ChannelParts(
        clock,
        Limits(body_bytes=None),
        lambda refused: rules.refusal_headers(refused.path, refused.origin),
        direct=DirectRoad(often, rules, WireForm()) if often else None,
        shared_turn_end=turn_end,
    )
    return lambda: HttpChannel(parts)
