"""The channel's side of the direct road: which requests are offered to it, and how it answers.

Nothing may be special about such a request: its body is sized and here.
The usual one comes alone, in one piece, and is then read and begun in a few steps.
"""

from __future__ import annotations

from typing import Any

from hangerd.web.channel.ending import ANSWER, OVER, Ending
from hangerd.web.channel.errors import Refused
from hangerd.web.channel.head import Head


class Directly(Ending):
    """What `HttpChannel` has of the direct road."""

    __slots__ = ()

    def answer(self, data: bytes) -> None:
        """Send a whole answer; for a direct request, which then calls `requestDone`."""
        self._outbox.answer(data, alone=not self._reading.unread)

    def _answers_directly(self, data: bytes) -> bool:
        """Let the direct road have what is one whole request; say whether it took that.

        It comes to what `_goes_directly` does, without looking for what else was received.
        """
        road = self._parts.direct
        if road is None or self._reading.unread or self._waitingForTransport:
            return False
        found = self._reading.whole(data)
        if found is None:
            return False
        head, body = found
        if head.expects_continue:
            return False
        channel: Any = self  # which `HttpChannel` adds to
        direct = road(channel, head)
        if direct is None:
            return False
        self._since = self._parts.sweep.now
        self._persistent = head.persistent
        self._phase = ANSWER
        self._request = direct
        self._advancing = True  # there is nothing to go on to
        try:
            direct.begin(body)
        except Refused as refused:
            self._refuse_for(refused)
        finally:
            self._advancing = False
        if self._phase is OVER:
            self._part()
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
