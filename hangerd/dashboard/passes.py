"""Passes: random tokens that are good for a time, for who is signed in and for links that sign in.

Pure: a clock and a source of tokens are given. There are so many at most, and the oldest go first.
They are kept by their hash, so that the time of a search tells nothing of a token.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable


class Passes:
    """Tokens that were issued, each good for `seconds` unless it is dropped before."""

    def __init__(
        self, clock: Callable[[], float], new_token: Callable[[], str], seconds: float, most: int
    ) -> None:
        self._clock = clock
        self._new_token = new_token
        self._seconds = seconds
        self._most = most
        self._until: dict[bytes, float] = {}  # in the order of their issue, and so of their end

    def __len__(self) -> int:
        self._forget_ended()
        return len(self._until)

    def issue(self) -> str:
        """Make a token; the oldest gives way when there are too many."""
        self._forget_ended()
        if len(self._until) >= self._most:
            del self._until[next(iter(self._until))]
        token = self._new_token()
        self._until[_hashed(token)] = self._clock() + self._seconds
        return token

    def good(self, token: str) -> bool:
        """Whether this was issued, and is neither dropped nor too old."""
        return self._until.get(_hashed(token), 0.0) > self._clock()

    def drop(self, token: str) -> bool:
        """End a token; True if it was good until now, so it is also how to use one up."""
        was_good = self.good(token)
        self._until.pop(_hashed(token), None)
        return was_good

    def drop_all(self) -> None:
        """End all tokens."""
        self._until.clear()

    def _forget_ended(self) -> None:
        now = self._clock()
        while self._until and self._until[oldest := next(iter(self._until))] <= now:
            del self._until[oldest]


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
