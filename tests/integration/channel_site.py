"""A small site on our HTTP channel, as a process: says its port, and ends with its input."""

from __future__ import annotations

import json
import sys
from typing import Any

from twisted.internet import asyncioreactor

if "asyncio" in sys.argv:
    asyncioreactor.install()

from twisted.internet import reactor as _reactor
from twisted.internet.protocol import Protocol
from twisted.internet.stdio import StandardIO
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from hangerd.web.channel import ChannelParts, Limits, channel_protocol

reactor: Any = _reactor


class Root(Resource):
    """Says its path; holds, sends much, and counts those who left."""

    isLeaf = True
    left = 0

    def render_GET(self, request: Request) -> Any:
        """Do what the path says."""
        if request.path == b"/hold":
            request.notifyFinish().addErrback(self.note)
            return NOT_DONE_YET
        if request.path == b"/left":
            return b"%d" % self.left
        if request.path == b"/big":
            return b"0123456789" * 1_000_000
        return request.path

    def render_POST(self, request: Request) -> bytes:
        """Say how long the body was."""
        content: Any = request.content
        return b"%d" % len(content.read())

    def note(self, reason: object) -> None:
        """Count one who left."""
        self.left += 1


class Input(Protocol):
    """Ends the process with its input."""

    def connectionLost(self, reason: object = None) -> None:
        """Stop."""
        if reactor.running:
            reactor.stop()


site: Any = Site(Root(), reactor=reactor, parsePOSTFormSubmission=False)
site.startFactory = site.stopFactory = site.log = lambda *_: None
site.protocol = channel_protocol(ChannelParts(reactor, Limits(body_bytes=1000, linger_seconds=5)))
port = reactor.listenTCP(0, site, interface="127.0.0.1")
reactor.callWhenRunning(lambda: print(json.dumps(port.getHost().port), flush=True))
StandardIO(Input())
reactor.run()
