"""Staying awake for the client who is alone at work and asks again at once.

Between two of its requests the daemon would sleep. To be woken, with cold caches and on a virtual
machine by its host, costs about as much as such a request; so the reactor takes empty turns
instead, for a moment, and only where the client has just shown that it asks again as soon as it is
answered. Nobody waits for that: in each of these turns whoever else has come is served. It gains
where both sides would sleep; beside a client that never does, it makes no difference.
"""

from __future__ import annotations

from typing import Final

from twisted.internet.interfaces import IReactorTime

TURNS: Final = 25
"""How many empty turns an answer is worth; each takes some 6 microseconds."""
SOON: Final = 0.000_3
"""Seconds between two answers, below which a client asks again at once."""


class Awake:
    """Keeps the reactor from sleeping after `answered`.

    `in_a_row`: so often one client, and nobody else, asked at once after an answer. `turns` are
    left until the reactor may sleep.
    """

    __slots__ = ("_answered", "_client", "_clock", "_turning", "in_a_row", "turns")

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._answered = 0.0
        self._client = 0
        self._turning = False
        self.in_a_row = 0
        self.turns = 0

    def asked(self, client: object) -> None:
        """Know that a client asks something.

        Its answer may be a thread's or another process's work, whose core this may be: no turns
        are taken meanwhile.
        """
        self.turns = 0
        if id(client) != self._client:  # by its id: it is not to be kept
            self._client = id(client)
            self.in_a_row = 0

    def missed(self) -> None:
        """Know that a client did not ask at once."""
        self.in_a_row = 0

    def answered(self) -> None:
        """Know that a client who is alone at work has just been answered."""
        now = self._clock.seconds()
        soon = now - self._answered < SOON
        self._answered = now
        if not soon:
            self.in_a_row = 0
        else:
            self.in_a_row += 1
            self.turns = TURNS
            if not self._turning:
                self._turning = True
                self._clock.callLater(0, self._turn)

    def _turn(self) -> None:
        """Have another turn, or let the reactor sleep."""
        self.turns -= 1
        self._turning = self.turns > 0
        if self._turning:
            self._clock.callLater(0, self._turn)
