"""A site for the channels: a trivial Resource at /resource, a trivial Klein app under /klein.

Run with "hangerd" or "twisted", the channel; the port is said in one line.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from klein import Klein
from twisted.internet import reactor as _reactor
from twisted.web.resource import Resource
from twisted.web.server import Site

from hangerd.web.channel import ChannelParts, channel_protocol


class Trivial(Resource):
    """Answers at once."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        return b"hello"


def klein_app() -> Klein:
    """A route with a variable part, as slots have."""
    app = Klein()

    @app.route("/hanger/<token>/read/")
    def read(request: Any, token: str) -> bytes:
        return b"hello"

    return app


def main(channel: str) -> None:
    """Serve until killed."""
    reactor: Any = _reactor
    root = Resource()
    root.putChild(b"resource", Trivial())
    root.putChild(b"klein", klein_app().resource())
    site: Any = Site(root, reactor=reactor, parsePOSTFormSubmission=False)
    site.startFactory = site.stopFactory = lambda: None  # no access log
    if channel == "hangerd":
        site.protocol = channel_protocol(ChannelParts(reactor))
    port = reactor.listenTCP(0, site, interface="127.0.0.1", backlog=1024)
    reactor.callWhenRunning(lambda: print(json.dumps(port.getHost().port), flush=True))
    reactor.run()


if __name__ == "__main__":
    main(sys.argv[1])
