"""Puts the channel where a Site expects Twisted's own; HTTP/2, chosen by ALPN, stays Twisted's."""

from __future__ import annotations

from collections.abc import Callable

from twisted.web.http import _GenericHTTPChannelProtocol

from hangerd.web.channel.channel import HttpChannel
from hangerd.web.channel.parts import ChannelParts


def channel_protocol(parts: ChannelParts) -> Callable[[], _GenericHTTPChannelProtocol]:
    """Give what a Site's attribute `protocol` shall be, for its connections to use this."""

    def build() -> _GenericHTTPChannelProtocol:
        return _GenericHTTPChannelProtocol(HttpChannel(parts))

    return build
