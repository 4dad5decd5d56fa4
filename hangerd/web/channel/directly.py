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
        if found is None or found[0].expects_continue:
            return False
        head, body = found
        self._since = self._parts.sweep.now
        self._persistent = head.persistent
        self._advancing = True  # there is mostly nothing to go on to
        try:
            if not self._took_direct_road(head, body):
                if body:
                    reading.put_back(body)
                self._begin_ordinary(head)
        except Refused as refused:
            self._refuse_for(refused)
        finally:
            self._advancing = False
        if self._phase is OVER:
            self._part()
        elif reading.unread or self._waitingForTransport or self._network_paused:
            self._advance()
        return True

    def _goes_directly(self, head: Head) -> bool:
        """Let the direct road have a request that it wants, if nothing about it is special."""
        length, reading = head.length, self._reading
        if head.expects_continue or length is None or length > len(reading.unread):
            return False
        return self._took_direct_road(head, None)

    def _took_direct_road(self, head: Head, body: bytes | None) -> bool:
        """Let the direct road have a request, if it wants it; read its `body` if that is None."""
        road = self._parts.direct
        channel: Any = self  # which `HttpChannel` adds to
        direct = None if road is None else road(channel, head)
        if direct is None:
            return False
        self._phase = ANSWER
        self._request = direct
        direct.begin(self._reading.piece() if body is None else body)
        return True

    def _begin_ordinary(self, head: Head) -> None:
        """Have a `Request` for `head`. The reading side knows how."""
        ...

    def _advance(self) -> None:
        """Serve what was received, as far as it goes now. The reading side knows how."""
        ...

    def _part(self) -> None:
        """Let go of a refused request, or of the connection that was upgraded."""
        if self._linger is not None:
            self._release()
        else:
            self._hand_on()
