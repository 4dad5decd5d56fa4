"""HTTP/1.1 for Twisted's `Site`, by llhttp: drops in for `twisted.web.http.HTTPChannel`.

`bytes -> reading (head, body) -> HttpChannel -> Request`, and back by `answering` and `sending`.
Where to begin: `wiring.channel_protocol`, which a Site uses in place of Twisted's own channel.
"""

from hangerd.web.channel.channel import HttpChannel
from hangerd.web.channel.limits import Limits
from hangerd.web.channel.parts import ChannelParts
from hangerd.web.channel.wiring import channel_protocol

__all__ = ["ChannelParts", "HttpChannel", "Limits", "channel_protocol"]
