"""The dashboard's events: `GET /-/feed` of the admin door, for who may control the daemon."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request
from zope.interface import implementer

from hangerd.dashboard.feed import Feed
from hangerd.web.auth import ControlToken
from hangerd.web.errors import Unauthorized, answer_error


@implementer(IPushProducer)
class FeedViewer:
    """A browser that looks. One that is slow misses events, and is shown everything after that."""

    def __init__(self, request: Request, feed: Feed) -> None:
        self._request = request
        self._feed = feed
        self._paused = False
        self._missed = False
        request.registerProducer(self, True)
        request.notifyFinish().addBoth(self._left)

    def send(self, event: bytes) -> None:
        """Write an event, if there is room."""
        if self._paused:
            self._missed = True
        else:
            self._request.write(event)

    def end(self) -> None:
        """End the answer; the browser will ask again."""
        self._request.unregisterProducer()
        self._request.finish()

    def pauseProducing(self) -> None:
        """Hear that there is no room."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Hear that there is room again."""
        self._paused = False
        if self._missed:
            self._missed = False
            self.send(self._feed.whole())

    def stopProducing(self) -> None:
        """Hear that the browser has left."""
        self._feed.leave(self)

    def _left(self, _: object) -> None:
        self._feed.leave(self)


class FeedResource(Resource):
    """Joins who asks to the feed."""

    isLeaf = True

    def __init__(self, feed: Feed, control: ControlToken) -> None:
        super().__init__()
        self._feed = feed
        self._control = control

    def render_GET(self, request: Any) -> bytes | int:
        """Send events until the browser leaves."""
        try:
            self._control.require_lasting(request)
        except Unauthorized as error:
            return answer_error(request, error)
        for name, value in (
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ):
            request.setHeader(name, value)
        self._feed.join(FeedViewer(request, self._feed))
        return NOT_DONE_YET
