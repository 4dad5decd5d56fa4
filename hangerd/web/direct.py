"""The direct road: which requests go it, and what each of them asks for.

They are the few that come often: a slot's open, write, read and ack, and the call of a host. Their
answers come from the functions that the Klein routes call too, without a request of Twisted's
and without Klein. Whatever is unusual about a request leaves it to the ordinary road.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from hangerd.slots.errors import Refused
from hangerd.web.access import shown_path
from hangerd.web.channel import HttpChannel
from hangerd.web.channel.direct import Direct
from hangerd.web.channel.head import Head
from hangerd.web.cors import CorsPolicy
from hangerd.web.exchange import Asking, ExchangeParts
from hangerd.web.hosts.answers import HostAnswers
from hangerd.web.hosts.exchange import CallExchange
from hangerd.web.site import SiteRules
from hangerd.web.slots.answers import SlotAnswers
from hangerd.web.slots.exchange import SlotExchange
from hangerd.web.slots.hanger import NOSNIFF, standing_headers
from hangerd.web.wire_form import WireForm, header_lines

_ORIGINS = 64
_CALLED = 128  # paths of functions that are remembered
_SLASH = ord("/")


class Branch(Protocol):
    """What is behind the first segment of a path."""

    def find(self, path: bytes, head: Head) -> Asking | None:
        """Tell what a request with a body asks for; None leaves it to the ordinary road."""
        ...


class SlotsBranch:
    """/hanger/: slots."""

    _path = re.compile(rb"/hanger/(?:open|([a-z0-9]{16})/(read|write|ack))/?")

    def __init__(self, slots: SlotAnswers, cors: CorsPolicy) -> None:
        self._cors = cors
        self._open = slots.open
        self._asked: dict[bytes, tuple[Callable[..., Any], str]] = {
            b"read": (slots.read, "/hanger/*/read/"),
            b"write": (slots.write, "/hanger/*/write/"),
            b"ack": (slots.ack, "/hanger/*/ack/"),
        }
        # There are two such paths, and a few origins.
        self._opens = lru_cache(_ORIGINS)(self._ask_open)
        self._standing = lru_cache(_ORIGINS)(self._make_standing)

    def find(self, path: bytes, head: Head) -> Asking | None:
        """See `Branch.find`."""
        found = self._path.fullmatch(path)
        if found is None:
            return None
        origins = head.fields.get(b"Origin")
        standing = self._standing(origins[-1] if origins else None)
        if standing is None:
            return None
        token, word = found.groups()
        if token is None:
            return self._opens(path, standing)
        ask, shown = self._asked[word]
        # What `shown_path` would say, at less cost.
        shown = shown if path[-1] == _SLASH else shown[:-1]
        return Asking(ask, (token.decode(),), shown, standing, SlotExchange)

    def _ask_open(self, path: bytes, standing: bytes) -> Asking:
        return Asking(self._open, (), path.decode(), standing, SlotExchange)

    def _make_standing(self, origin: bytes | None) -> bytes | None:
        """The header lines of every answer; None for pages that may perhaps not ask."""
        if not self._cors.allows(origin):
            return None
        told = standing_headers(self._cors, origin)
        return header_lines([pair for pair in told if pair != NOSNIFF])  # which is on all answers


class HostsBranch:
    """/hosts/: calls of functions."""

    _path = re.compile(rb"/hosts/([A-Za-z0-9_.-]+)/function/([A-Za-z0-9_.$-]+)")

    def __init__(self, calls: HostAnswers) -> None:
        self._ask = calls.ask
        self._remembered = lru_cache(_CALLED)(self._read)

    def find(self, path: bytes, head: Head) -> Asking | None:
        """See `Branch.find`."""
        return self._remembered(path)

    def _read(self, path: bytes) -> Asking | None:
        found = self._path.fullmatch(path)
        if found is None:
            return None
        name, function = found.groups()
        names = name.decode(), function.decode()
        return Asking(self._ask, names, shown_path(path), b"", CallExchange)


class Pages(Protocol):
    """What is asked for by GET."""

    def __call__(self, channel: HttpChannel, head: Head, wire_form: WireForm) -> Direct | None:
        """Take a request; None leaves it to the ordinary road."""
        ...


class Often(NamedTuple):
    """What a site is asked for often: by POST in branches, by GET as pages."""

    branches: Sequence[Branch]
    pages: Pages | None


def often_asked(
    slots: SlotAnswers, cors: CorsPolicy, calls: HostAnswers, pages: Pages | None
) -> Often:
    """Give all that there is."""
    return Often([SlotsBranch(slots, cors), HostsBranch(calls)], pages)


class DirectRoad:
    """Takes the requests that are asked often. One serves all connections of a site."""

    def __init__(self, often: Often, rules: SiteRules, wire_form: WireForm) -> None:
        self._branches, self._pages = often
        self._rules = rules
        self._wire_form = wire_form
        self._parts = ExchangeParts(rules.receiving, wire_form)

    def __call__(self, channel: HttpChannel, head: Head) -> Direct | None:
        """Take a request, or leave it to the ordinary road. Its body is counted in."""
        if head.method == b"GET" and self._pages is not None:
            return self._pages(channel, head, self._wire_form)
        if head.method != b"POST" or not head.persistent:
            return None
        path = head.target.partition(b"?")[0]
        for branch in self._branches:
            asking = branch.find(path, head)
            if asking is not None:
                client = channel.client or self._rules.clients.of(
                    channel.getPeer(), head.fields.get
                )
                if head.length and not self._counted_in(head.length, path, client):
                    return None
                return asking.exchange(channel, head, client, asking, self._parts)
        return None

    def _counted_in(self, length: int, path: bytes, client: str) -> bool:
        """Count a body in; where there is no room, the ordinary road says so."""
        if length > self._rules.body_limit(path):
            return False
        try:
            self._rules.receiving.take(client, length)
        except Refused:
            return False
        return True
