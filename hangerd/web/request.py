"""A request: Twisted's, with its body bounded and counted as it comes in, and standing headers."""

from __future__ import annotations

from functools import cached_property
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple

from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.resource import IResource

from hangerd.hosts.replies import Stream
from hangerd.scripts.note import RunNote
from hangerd.slots.errors import Refused
from hangerd.web.answers import JSON, answer, refusal_body
from hangerd.web.cors import Headers
from hangerd.web.errors import status_of
from hangerd.web.noted import log_leaving
from hangerd.web.plain import PlainRequest
from hangerd.web.reasons import reason
from hangerd.web.target import parse_query, split_target

_IN_MEMORY = 1024 * 1024


class _Refusal(NamedTuple):
    status: int
    message: str
    remedy: str
    headers: Headers


_NO_PATH = _Refusal(400, "The target is no path of this server.", "Begin it with a slash.", [])
_TOO_LARGE = _Refusal(413, "The body is too large.", "Send a smaller one.", [])


class Request(server.Request):
    """One request of any door. `began` is when its first line came, by the site's clock.

    `stream` is what a call already gave that was made on the direct road.
    """

    channel: Any
    content: Any
    defaultContentType = b"text/plain; charset=utf-8"

    def __init__(self, channel: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(channel, *args, **kwargs)
        self.began: float = channel.site.clock.seconds()
        self._body_left = 0
        self._received = 0
        self._payer = ""
        self._receiving = channel.site.rules.receiving
        self._refused: _Refusal | None = None
        self.stream: Stream | None = None
        self.run_note: RunNote | None = None

    def begin_with(self, began: float, stream: Stream) -> None:
        """Go on from the direct road, with what came of the call that it made there."""
        self.began, self.stream = began, stream

    def gotLength(self, length: int | None) -> None:
        """Decide on the body when the head is complete. None: its length is not told (chunked)."""
        # The path is ours only when the body is whole; Twisted's channels name it differently.
        target = getattr(self.channel, "_path", None) or getattr(self.channel, "path", None) or b"/"
        # What a script takes may be large; a slot's value never reaches this size.
        small = length is not None and length <= _IN_MEMORY
        self.content = BytesIO() if small else SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        # Without a body there is nothing to bound, and no need to look what the path stands for.
        path = split_target(target)[0].partition(b"?")[0]
        if not path.startswith(b"/") and path != b"*":
            self._refuse(_NO_PATH)
            return
        self._body_left = self.channel.site.rules.body_limit(path) if length != 0 else 0
        if length is not None and length > self._body_left:
            self._refuse(_TOO_LARGE)

    def handleContentChunk(self, data: bytes) -> None:
        """Take a piece of the body, unless that makes it, or all bodies together, too large."""
        if self._refused:
            return
        self._body_left -= len(data)
        if self._body_left < 0:
            self._refuse(_TOO_LARGE)
            return
        self._payer = self._payer or self.channel.site.rules.clients.address(self)
        try:
            # What is beyond goes to a file, and is the path's limit's concern.
            held = min(len(data), max(0, _IN_MEMORY - self._received))
            self._receiving.take(self._payer, held)
        except Refused as error:
            wait = [(b"Retry-After", b"%d" % error.retry_after)]
            self._refuse(_Refusal(status_of(error) or 503, error.message, error.remedy, wait))
            return
        self._received += held
        self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Process the request, if it was not refused meanwhile."""
        if self._refused:
            if not hasattr(self.channel, "refuse"):
                self._refuse_late(command, path, version)
            return
        target, host = split_target(path)
        if host is not None:
            # RFC 9112, 3.2.2: it counts instead of what the header says.
            self.requestHeaders.setRawHeaders(b"Host", [host])
        super().requestReceived(command, target, version)

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:
        """Set the status."""
        super().setResponseCode(code, message or reason(code))

    def finish(self) -> None:
        """End the answer; the body is dropped."""
        self._give_back()
        super().finish()

    def connectionLost(self, reason: Failure) -> None:
        """Know that the client is gone, or was refused; the body is dropped."""
        self._give_back()
        log_leaving(self)
        super().connectionLost(reason)
        if self.stream is not None:
            self.stream.close()  # perhaps nobody came to send it

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the target's query; `hangerd.web.query` reads them."""
        return parse_query(self.uri)

    def plain(self) -> PlainRequest:
        """Give it as a value, without its transport; for when the body is there."""
        return _Received(self)

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

    def _give_back(self) -> None:
        """Count the body out, which lives as long as its request does."""
        received, self._received = self._received, 0
        self._receiving.give(self._payer, received)

    def _refuse(self, refusal: _Refusal) -> None:
        self._refused = refusal
        self.content = BytesIO()
        self._give_back()
        if hasattr(self.channel, "refuse"):
            self.channel.refuse(*refusal)

    def _refuse_late(self, command: bytes, path: bytes, version: bytes) -> None:
        """Answer an HTTP/2 request whose body was refused: what came of it is thrown away."""
        status, message, remedy, headers = self._refused or _TOO_LARGE
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.split(b"?")[0]
        body = answer(self, status, refusal_body(status, message, remedy), JSON)
        standing = self.channel.site.rules.refusal_headers(path, self.getHeader(b"Origin"))
        for name, value in [*standing, *headers]:
            self.setHeader(name, value)
        self.write(body)
        self.finish()


class _Received(PlainRequest):
    """One of Twisted's requests, as a value."""

    __slots__ = ("_content",)

    def __init__(self, request: Request) -> None:
        client = request.channel.site.rules.clients.address(request)
        lines = request.requestHeaders.getRawHeaders
        super().__init__(request.method, request.uri, lines, client)
        self._content = request.content

    def read(self) -> bytes:
        """See `PlainRequest.read`."""
        body: bytes = self._content.read()
        return body
