"""The channel's short ways: the direct road, and the usual request read and begun in a few steps.

Nothing may be special about a request that goes directly: its body is sized and here.
The usual one comes alone, in one piece.
"""

from __future__ import annotations

from typing import Any

from hangerd.web.channel.ending import ANSWER, OVER, Ending
from hangerd.web.channel.errors import Refused
from hangerd.web.channel.head import Head
from hangerd.web.channel.parts import ChannelParts


class Directly(Ending):
    """What `HttpChannel` has of the direct road."""

    __slots__ = ("_stays",)

    def __init__(self, parts: ChannelParts) -> None:
        super().__init__(parts)
        self._stays = False  # the client was answered at once, and may ask again at once

    def answer(self, data: bytes) -> None:
        """Send a whole answer; for a direct request, which then calls `requestDone`."""
        self._stays = self._outbox.answer(data, alone=not self._reading.unread)

    def _takes_whole(self, data: bytes) -> bool:
        """Begin what is one whole request; say whether it is.

        It comes to what `_advance` does, without looking for what else was received.
        """
        reading = self._reading
        if reading.unread or self._waitingForTransport:
            return False
        found = reading.whole(data)
        if found is None:
            return False
        head, body = found
        if head.expects_continue:
            return False
        channel: Any = self  # which `HttpChannel` adds to
        road = self._parts.direct
        direct = None if road is None else road(channel, head)
        self._since = self._parts.sweep.now
        self._persistent = head.persistent
        self._advancing = True  # there is mostly nothing to go on to
        try:
            if direct is None:
                if body:
                    reading.put_back(body)
                channel._begin_ordinary(head)
            else:
                self._phase = ANSWER
                self._request = direct
                direct.begin(body)
        except Refused as refused:
            self._refuse_for(refused)
        finally:
            self._advancing = False
        if self._phase is OVER:
            self._part()
        elif reading.unread or self._waitingForTransport or self._network_paused:
            channel._advance()
        return True

    def _goes_directly(self, head: Head) -> bool:
        """Let the direct road have a request that it wants, if nothing about it is special."""
        road, length, reading = self._parts.direct, head.length, self._reading
        if road is None or head.expects_continue:
            return False
        if length is None or length > len(reading.unread):
            return False
        channel: Any = self  # which `HttpChannel` adds to
        direct = road(channel, head)
        if direct is None:
            return False
        self._phase = ANSWER
        self._request = direct
        direct.begin(reading.piece())
        return True

    def _part(self) -> None:
        """Let go of a refused request, or of the connection that was upgraded."""
        if self._linger is not None:
            self._release()
        else:
            self._hand_on()
