"""How long one request waits before its client is sent to ask again.

Pure. A legacy client follows redirects, and at most `MOST_HOPS` of them: each wait is one hop, the
last one is whole. A client of version 2 asks again by itself, so that no wait is above a hop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# A synchronous XHR in Chromium follows 20 redirects and fails at the next.
MOST_HOPS = 19


@dataclass(frozen=True)
class Nap:
    """One part of a sleep: `seconds` now, of `whole` in all; `again` says that more follow."""

    seconds: float
    whole: float
    again: bool


@dataclass(frozen=True)
class Hops:
    """The waits of a daemon, in seconds.

    `hop` is the longest wait of one request, 0 for clients that follow no redirect; `longest` is
    that of a whole sleep, and of a request of version 2 where there are no hops.
    """

    hop: float
    longest: float

    def read(self, hops: int) -> float | None:
        """How long a legacy read waits after that many hops; None: until somebody writes."""
        return self.hop if self.hop and hops < MOST_HOPS else None

    def ask(self, asked: float | None) -> float:
        """How long a request of version 2 waits: as asked, but no longer than a hop."""
        return min(math.inf if asked is None else asked, self.hop or self.longest)

    def sleep(self, duration: float, hops: int) -> Nap:
        """What is left of a sleep after that many hops, or the part of it until the next."""
        whole = min(duration, self.longest)
        left = max(0.0, whole - hops * self.hop)
        most = self.read(hops)
        if most is None or left <= most:
            return Nap(left, whole, again=False)
        return Nap(most, whole, again=True)
