"""One request for a script on the direct road, and the answer to it as it is printed.

To a run's visitor it is what one of Twisted's requests is: the names in Twisted's case are the ones
that `answer` and `notices` call. It is a GET by HTTP/1.1.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

from twisted.internet.interfaces import IAddress, IPushProducer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import NO_BODY_CODES
from twisted.web.http_headers import Headers
from twisted.web.server import Request

from hangerd.scripts.note import RunNote
from hangerd.scripts.paths import Script
from hangerd.web.channel import HttpChannel
from hangerd.web.channel.head import Head
from hangerd.web.files.refusals import refuse
from hangerd.web.noted import log_leaving
from hangerd.web.reasons import reason
from hangerd.web.scripts.headers import Said
from hangerd.web.wire_form import WireForm

# The server's own lines, the content type, the body's length and the body, as one chunk: what
# `ScriptExchange.write` would make of them.
_WHOLE = (
    b"HTTP/1.1 200 OK\r\n%b%bContent-Type: %b\r\nX-Accel-Buffering: no\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
)

_CLOSE = b"Connection: close\r\n"


class ScriptExchange:
    """A request that `answer` answers, now or later."""

    __slots__ = (
        "_answer",
        "_bodiless",
        "_chunked",
        "_closes",
        "_fields",
        "_headers",
        "_hears",
        "_script",
        "_wire_form",
        "began",
        "channel",
        "code",
        "code_message",
        "content",
        "method",
        "path",
        "run_note",
        "said",
        "sentLength",
        "startedWriting",
        "uri",
    )

    clientproto = b"HTTP/1.1"
    _log = Logger()

    def __init__(
        self,
        channel: HttpChannel,
        head: Head,
        said: Said,
        wire_form: WireForm,
        script: Script,
        answer: Callable[[Any, Script], None],
    ) -> None:
        self.channel: Any = channel
        self.method = head.method
        self.uri = head.target
        self.path = head.target.partition(b"?")[0]
        self.said = said
        self.content = BytesIO()
        self.code = 200
        self.code_message = b"OK"
        self.startedWriting = 0
        self.sentLength = 0
        self.began: float = channel.site.clock.seconds()
        self.run_note: RunNote | None = None
        self._fields = head.fields
        self._script = script
        self._answer = answer
        self._wire_form = wire_form
        self._headers: Headers | None = None
        self._hears: Callable[[Failure], object] | None = None
        self._chunked = False
        self._closes = not head.persistent
        self._bodiless = False

    def begin(self, body: bytes) -> None:
        """See `Direct.begin`."""
        try:
            self._answer(self, self._script)
        except Exception:
            self._log.failure("A script could not be begun.")
            refuse(cast(Request, self), 500, "The script could not be begun")

    # What is asked

    @property
    def requestHeaders(self) -> Headers:
        """The request's headers; few answers need more of them than `said` has."""
        headers = Headers()
        headers._rawHeaders = self._fields
        return headers

    def getHeader(self, name: bytes, /) -> bytes | None:
        """Give a header's last value, None where it is absent."""
        lines = self.requestHeaders.getRawHeaders(name)
        return lines[-1] if lines else None

    @property
    def client(self) -> IAddress:
        """The client's address."""
        peer: IAddress = self.channel.getPeer()
        return peer

    @property
    def transport(self) -> Any:
        """The connection below."""
        return self.channel.transport

    def getHost(self) -> IAddress:
        """Give our address."""
        host: IAddress = self.channel.getHost()
        return host

    def isSecure(self) -> bool:
        """Whether the connection is encrypted."""
        return bool(self.channel.isSecure())

    # What is answered

    @property
    def responseHeaders(self) -> Headers:
        """The answer's headers; made when they are first asked for."""
        headers = self._headers
        if headers is None:
            headers = self._headers = Headers()
            common = self._wire_form.common()
            first = {b"Connection": [b"close"]} if self._closes else {}
            headers._rawHeaders = first | {name: [value] for name, value in common.items()}
        return headers

    def answer(self, content_type: bytes, body: bytes) -> None:
        """Send a whole answer, with nothing on it that is not on every script's, and end it."""
        self.startedWriting = 1
        self.sentLength = len(body)
        self.channel.unregisterProducer()
        first, lines = _CLOSE if self._closes else b"", self._wire_form.lines()
        self.channel.answer(_WHOLE % (first, lines, content_type, len(body), body))
        self._done()

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:
        """Set the status."""
        self.code = code
        self.code_message = message or reason(code)

    def setHeader(self, name: bytes, value: bytes) -> None:
        """Set a header, instead of what it was."""
        self.responseHeaders.setRawHeaders(name, [value])

    def write(self, data: bytes) -> None:
        """Send a piece of the answer, the head before the first."""
        if self.channel is None:
            return
        if not self.startedWriting:
            self._start()
        if not data or self._bodiless:
            return
        self.sentLength += len(data)
        self.channel.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def finish(self) -> None:
        """End the answer."""
        self.write(b"")
        channel = self.channel
        if channel is None:
            return
        if self._chunked:
            channel.write(b"0\r\n\r\n")
        self._done()

    def notifyFinish(self) -> ScriptExchange:
        """Tell when the client leaves before the answer is finished."""
        return self

    def addErrback(self, hears: Callable[..., object], *args: object) -> None:
        """Have one called with the reason when the client leaves; there is no need for a Deferred.

        Whoever hears knows the request: it is forgotten with the answer's end, a circle else.
        """
        self._hears = lambda reason: hears(reason, *args)

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:
        """Let a run write as fast as the client reads."""
        self.channel.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Forget the run."""
        if self.channel is not None:
            self.channel.unregisterProducer()

    def loseConnection(self) -> None:
        """End the connection, and with it an answer that is not whole."""
        if self.channel is not None:
            self.channel.loseConnection()

    def connectionLost(self, reason: Failure) -> None:
        """Know that the client is gone."""
        log_leaving(self)
        self.channel = None
        hears, self._hears = self._hears, None
        if hears is not None:
            hears(reason)

    def _done(self) -> None:
        channel = self.channel
        channel.site.log(self)
        self.channel = None
        self._hears = None
        channel.requestDone(self)

    def _start(self) -> None:
        self.startedWriting = 1
        headers = self.responseHeaders
        self._bodiless = self.code in NO_BODY_CODES
        self._chunked = not (self._bodiless or headers.hasHeader(b"Content-Length"))
        if self._chunked:
            headers.setRawHeaders(b"Transfer-Encoding", [b"chunked"])
        code = b"%d" % self.code
        self.channel.writeHeaders(self.clientproto, code, self.code_message, headers)
