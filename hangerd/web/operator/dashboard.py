"""Connects the parts of the dashboard, the start page of the admin door."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from hangerd.control import ControlSecret
from hangerd.dashboard.feed import Feed
from hangerd.dashboard.passes import Passes
from hangerd.dashboard.picture import Picture
from hangerd.slots.limits import MissBudget
from hangerd.web.answers import JSON, answer, refusal_body
from hangerd.web.auth import ControlToken
from hangerd.web.clients import Clients
from hangerd.web.doors import Root
from hangerd.web.operator.feed import FeedResource
from hangerd.web.operator.own_page import OwnPage
from hangerd.web.operator.session import SessionApp
from hangerd.web.operator.signed_in import MOST_SESSIONS, SESSION_SECONDS, SignedIn
from hangerd.web.pages import load_page
from hangerd.web.routes import Routes

LINK_SECONDS = 600.0
_MOST_LINKS = 100
# Five wrong tokens at once, then one in ten seconds.
_TRIES, _TRIES_A_SECOND = 5, 0.1
_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        b"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class Dashboard:
    """`links` issues words for links that sign in; `feed` is to be started and stopped.

    `names` are the hosts' names in URLs that are ours.
    """

    def __init__(
        self,
        clock: IReactorTime,
        secret: ControlSecret,
        clients: Clients,
        names: Collection[str],
        picture: Picture,
    ) -> None:
        seconds = clock.seconds
        self._control = ControlToken(secret)
        self._clients = clients
        self._page = OwnPage(names, clients)
        sessions = Passes(seconds, secrets.token_urlsafe, SESSION_SECONDS, MOST_SESSIONS)
        self.links = Passes(seconds, secrets.token_urlsafe, LINK_SECONDS, _MOST_LINKS)
        self._signed_in = SignedIn(sessions, self._page, secret)
        secret.when_changed(self.links.drop_all)
        self.feed = Feed(clock, picture, on_beat=self._signed_in.sweep)
        self._budget = MissBudget(
            seconds,
            _TRIES,
            _TRIES_A_SECOND,
            "Your address gave wrong tokens too often.",
            "Wait a little, then try again.",
        )

    def door(self, children: Mapping[bytes, IResource]) -> IResource:
        """Return the root of the door: `children`, the page, and cookies that count for them."""
        page = StartPage(load_page("dashboard/dashboard.html"))
        door: IResource = Root(children, page, arriving=self._signed_in.stand_in)
        return door

    def routes(self) -> dict[bytes, IResource]:
        """Return what is asked under /-/ of the door."""
        session = SessionApp(
            self._control, self.links, self._signed_in, self._page, self._clients, self._budget
        )
        feed: IResource = FeedResource(self.feed, self._control)
        return {b"session": Routes(session.app), b"feed": feed}


class StartPage(Resource):
    """The page itself, which holds nothing: it asks for everything, as who is signed in."""

    isLeaf = True

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self._html = html

    def render(self, request: Request) -> Any:
        """Send the page; there is no other."""
        if request.postpath and request.postpath != [b""]:
            body = refusal_body(404, "There is nothing here.", "The dashboard is at /.")
            return answer(request, 404, body, JSON)
        return super().render(request)

    def render_GET(self, request: Request) -> bytes:
        """Send the page."""
        for name, value in _HEADERS:
            request.setHeader(name, value)
        return answer(request, 200, self._html, b"text/html; charset=utf-8")
