"""A request: Twisted's, with a bound on its body while that comes in, and our standing headers."""

from __future__ import annotations

from functools import cached_property
from io import BytesIO
from typing import Any

from twisted.web import server
from twisted.web.resource import IResource

from hangerd.web import query
from hangerd.web.answers import JSON, answer, refusal_body

_TOO_LARGE = ("The body is too large.", "Send a smaller one.")


class Request(server.Request):
    """One request of any door. `began` is when its first line came, by the site's clock."""

    channel: Any
    content: Any
    defaultContentType = b"text/plain; charset=utf-8"

    def __init__(self, channel: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(channel, *args, **kwargs)
        self.began: float = channel.site.clock.seconds()
        self._body_left = 0
        self._refused = False

    def gotLength(self, length: int | None) -> None:
        """Decide on the body when the head is complete. None: its length is not told (chunked)."""
        # The path is ours only when the body is whole; Twisted's channels name it differently.
        target = getattr(self.channel, "_path", None) or getattr(self.channel, "path", None) or b"/"
        self.content = BytesIO()
        self._body_left = self.channel.site.rules.body_limit(target.split(b"?")[0])
        if length is not None and length > self._body_left:
            self._refuse_body()

    def handleContentChunk(self, data: bytes) -> None:
        """Take a piece of the body, unless that makes it too large."""
        self._body_left -= len(data)
        if self._body_left < 0:
            self._refuse_body()
        elif not self._refused:
            self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Process the request, if it was not refused meanwhile."""
        if self._refused:
            if not hasattr(self.channel, "refuse"):
                self._refuse_late(command, path, version)
            return
        super().requestReceived(command, path, version)

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the target's query; `hangerd.web.query` reads them."""
        return query.parse(self.uri)

    def getRequestHostname(self) -> bytes:
        """Give Klein a host to bind its routes to; the one that clients write breaks some of them.

        Nothing here depends on it: who wants to know what a client wrote reads the Host header.
        """
        return b"localhost"

    def render(self, resrc: IResource) -> None:
        """Answer by a resource, with our standing headers in place of Twisted's."""
        self.responseHeaders.setRawHeaders(b"Server", [b"hangerd"])
        self.responseHeaders.setRawHeaders(b"X-Content-Type-Options", [b"nosniff"])
        super().render(resrc)

    def _refuse_body(self) -> None:
        if self._refused:
            return
        self._refused = True
        self.content = BytesIO()
        if hasattr(self.channel, "refuse"):
            self.channel.refuse(413, *_TOO_LARGE)

    def _refuse_late(self, command: bytes, path: bytes, version: bytes) -> None:
        """Answer an HTTP/2 request whose body was too large: that is thrown away, not stored."""
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.split(b"?")[0]
        body = answer(self, 413, refusal_body(413, *_TOO_LARGE), JSON)
        for name, value in self.channel.site.rules.refusal_headers(self.getHeader(b"Origin")):
            self.setHeader(name, value)
        self.write(body)
        self.finish()
