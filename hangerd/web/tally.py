"""Counts the requests of all doors by route and status, for the metrics.

A route's name is made of our own words: never of a token, nor of a path that a stranger chose.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Final

from hangerd.web.access import Finished


def _routes(prefix: str, words: str) -> dict[str, str]:
    return {word: prefix + word for word in words.split()}


_SLOTS: Final = _routes("/hanger/", "ack answer close open read sleep write")
_HOSTS: Final = _routes(
    "/hosts/", "connect disconnect function log restart start state status stop"
)
_OWN: Final = _routes("/-/", "console feed health metrics pages ready run runs session slots")


class RequestTally:
    """`counts` has the number of requests by route and status, since the start."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, int]] = Counter()

    def add(self, done: Finished) -> None:
        """Count a request that was answered."""
        self.counts[route_of(done.path), done.status] += 1


@lru_cache(256)
def route_of(path: str) -> str:
    """Return the name of the route that a path took, as the access log shows it."""
    if path.startswith("/hanger/"):
        *_, last, end = path.rsplit("/", 2)
        return _SLOTS.get(end or last, "/hanger/")
    if path.startswith("/hosts/"):
        *_, word = path.split("/", 4)[:4]
        return _HOSTS.get(word, "/hosts/")
    if path.startswith("/-/"):
        return _OWN.get(path.split("/", 3)[2], "/-/")
    return "/"
