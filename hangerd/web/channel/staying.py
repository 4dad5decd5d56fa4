"""Reading on at once, where a client who is alone at work asks again as soon as it is answered.

To go back to the reactor, and have it find the next request, costs it a third of a short one. So
for a moment the socket itself is asked. Nobody else is served meanwhile: it lasts about as long as
five answers by way of Klein, looks in vain for less than one, and only happens where nobody else
has asked anything lately.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from twisted.internet.interfaces import IReactorTime

from hangerd.awake import Awake
from hangerd.direct_send import sends_directly

OFTEN: Final = 16
"""So many requests, each at once after an answer, show that the next one comes so too."""
LOOK: Final = 0.000_05
"""Seconds to look for the next request; in vain only once for `OFTEN` others."""
STAY: Final = 0.000_5
"""Seconds until the reactor has its turn, however busy the client is."""

# The same as numbers: the reactor's clock is one that can be set back.
_LOOKS: Final = 500
_PIECE: Final = 1 << 16


class Staying:
    """Looks for what such a client sends next. `awake` knows how often it asked at once."""

    __slots__ = ("_awake", "_seconds")

    def __init__(self, clock: IReactorTime, awake: Awake) -> None:
        self._seconds = clock.seconds
        self._awake = awake

    def pieces(self, transport: Any) -> Iterator[bytes]:
        """Give what comes, piece by piece, after an answer that has left.

        To be given up when a piece was not a request that was answered at once.
        """
        if self._awake.in_a_row < OFTEN or not sends_directly(transport):
            return
        now = self._seconds()
        receive, leave = transport.getHandle().recv, now + STAY
        give_up = now + LOOK
        for _ in range(_LOOKS):
            try:
                data = receive(_PIECE)
            except BlockingIOError:
                now = self._seconds()
                if now >= give_up:
                    break
                continue
            except OSError:
                transport.abortConnection()  # it is told once: the reactor would see a good end
                return
            if not data:
                return  # which the reactor sees, too
            yield data
            now = self._seconds()
            if now > leave:
                return
            give_up = now + LOOK
        self._awake.missed()
