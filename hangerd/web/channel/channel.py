"""The HTTP/1.1 protocol of one connection: bytes in, requests served in order, one at a time.

The next request is read when the one before is answered; what comes meanwhile waits unread, up to
a bound. Drops in for `twisted.web.http.HTTPChannel`: `Site`, `Request`, resources and HTTP/2 by
ALPN use it unchanged.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, cast

from twisted.internet.interfaces import IConsumer, IProtocol, IPushProducer, ITransport
from twisted.web.http import Request
from zope.interface import implementer

from hangerd.web.channel.direct import Direct, Served
from hangerd.web.channel.directly import Directly
from hangerd.web.channel.ending import ANSWER, BODY, HEAD, IDLE, OVER
from hangerd.web.channel.errors import BodyTooLarge, Refused
from hangerd.web.channel.head import Head
from hangerd.web.channel.hooks import introduce, is_plain
from hangerd.web.channel.parts import ChannelParts

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@implementer(IProtocol, ITransport, IPushProducer, IConsumer)
class HttpChannel(Directly):
    """One connection. `body_limit`, in bytes, holds for the request at hand, which may set it."""

    __slots__ = (
        "_received",
        "_rests",
        "_streams",
        "body_limit",
    )

    def __init__(self, parts: ChannelParts) -> None:
        super().__init__(parts)
        self._streams = False
        self._received = 0
        self._rests = False
        self.body_limit: int | None = None

    def makeConnection(self, transport: Any) -> None:
        """Begin, on a connected transport."""
        self._connected(transport)
        self.setTimeout(self.timeOut)

    def connectionMade(self) -> None:
        """Do nothing: `makeConnection` did it."""

    def logPrefix(self) -> str:
        """Name the protocol in log lines."""
        return "HTTP/1.1"

    # Reading

    def dataReceived(self, data: bytes) -> None:
        """Take what the client sent, and what it sends at once when it has been answered."""
        self._receive(data)
        if self._stays:
            for more in self._turn_end.staying.pieces(self.transport):
                self._receive(more)
                if not self._stays:
                    return

    def _receive(self, data: bytes) -> None:
        self._stays = False
        if self._linger is not None:
            self._linger.received(len(data))
        elif self._phase is not OVER:
            self._turn_end.awake.asked(self)
            if self._deliveries.asked:
                self._deliveries.settle(lost=False)
            if self._phase is IDLE and self._takes_whole(data):
                return
            self._reading.receive(data)
            if self._rests:
                self._pace()
            else:
                self._advance()

    def _rested(self) -> None:
        self._rests = False
        self._advance()

    def _advance(self) -> None:
        """Serve what was received, as far as it goes now."""
        if self._advancing:
            return
        self._advancing = True
        try:
            self._serve()
        except Refused as refused:
            self._refuse_for(refused)
        finally:
            self._advancing = False
        if self._phase is OVER:
            self._part()
        else:
            self._pace()

    def _serve(self) -> None:
        most = self._parts.limits.ahead_requests
        while self._phase is not OVER:
            if self._request is None:
                if self._waitingForTransport:
                    return
                if not most and self._reading.unread:
                    self._rests = True
                    self._turn_end.call(self._rested)
                    return
                most -= 1
                head = self._reading.head() if self._reading.unread else None
                if head is None:
                    self._await_head()
                    return
                self._begin(head)
            elif self._phase is not BODY or self._body_paused or not self._take():
                return

    def _await_head(self) -> None:
        phase = HEAD if self._reading.unread else IDLE
        if self._phase is not phase:
            self._phase = phase
            self._since = self._parts.sweep.now

    def _begin(self, head: Head) -> None:
        self._phase = BODY
        self._since = self._parts.sweep.now
        self._persistent = head.persistent
        if not self._goes_directly(head):
            self._begin_ordinary(head)

    def _begin_ordinary(self, head: Head) -> None:
        """Have a `Request` for `head`; it is complete if it has no body."""
        self._phase = BODY
        self._received = 0
        self.body_limit = self._parts.limits.body_bytes
        request = self._request = self.new_request()
        introduce(request, head)
        takes = getattr(request, "headersReceived", None)
        if takes is None and head.length == 0 and is_plain(request, self.site):
            self._phase = ANSWER
            request.content = BytesIO()
            request.process()
            return
        self._streams = takes is not None and takes()
        if takes is not None and self._is_settled(request):
            return
        request.gotLength(head.length)
        if head.length == 0 and not self._streams:
            self._complete(request)
        elif not self._is_settled(request):
            self._begin_body(request, head)

    def _begin_body(self, request: Request, head: Head) -> None:
        self._check_limit(head.length or 0)
        if self._streams:
            request.process()
        if head.length == 0:
            self._complete(request)
        elif head.expects_continue:
            self._continue(request)

    def give_way(self, direct: Direct, request: Request, head: Head, body: bytes) -> None:
        """Go on with an ordinary `request`, from `new_request`, in place of a direct one."""
        if self._request is not direct:
            return
        self._request = request
        introduce(request, head)
        request.gotLength(len(body))
        if body:
            request.handleContentChunk(body)
        self._streams = False
        self._complete(request)

    def _is_settled(self, request: Served) -> bool:
        """Whether `request` was answered or refused meanwhile."""
        return self._phase is OVER or self._request is not request

    def _continue(self, request: Request) -> None:
        """Ask for the body, unless it is here already or the request did not wait for it."""
        if not (self._is_settled(request) or self._reading.unread or request.startedWriting):
            self._outbox.add(_CONTINUE)

    def _take(self) -> bool:
        """Hand on a piece of the body; say whether there is more to do."""
        request = cast(Request, self._request)  # a direct one has its body from the first
        piece = self._reading.piece()
        if piece:
            self._since = self._parts.sweep.now
            self._received += len(piece)
            self._check_limit(self._received)
            request.handleContentChunk(piece)
        if self._request is request:
            if self._reading.in_body:
                return False
            self._complete(request)
        return True

    def _check_limit(self, length: int) -> None:
        if self.body_limit is not None and length > self.body_limit:
            raise BodyTooLarge(
                f"The body is larger than {self.body_limit} bytes.", "Send less, or in parts."
            )

    def _complete(self, request: Request) -> None:
        """The body is whole."""
        if self._is_settled(request):
            return
        self._phase = ANSWER
        if self._streams:
            request.bodyReceived()  # type: ignore[attr-defined]
        else:
            request.requestReceived(request.method, request.uri, request.clientproto)

    def pauseBody(self) -> None:
        """Hand on no more of the body for now; for a request that takes it as it comes."""
        self._body_paused = True
        self._pace()

    def resumeBody(self) -> None:
        """Hand on the body again."""
        self._body_paused = False
        self._since = self._parts.sweep.now
        self._advance()

    # Answered

    def requestDone(self, request: Served) -> None:
        """Go on to the next request, or close; `Request` calls this when its answer is written.

        Raises:
            TypeError: `request` is not the one being answered.
        """
        if request is not self._request:
            raise TypeError(f"{request} is not being answered.")
        self._request = None
        self._body_paused = False
        if self._phase is OVER:
            return
        if self._reading.in_body or (self._reading.unread and not self._persistent):
            self._end_lingering()
        elif not self._persistent:
            self.loseConnection()
        else:
            self._phase = IDLE
            self._since = self._parts.sweep.now
            waits = self._waitingForTransport or self._network_paused
            if (self._reading.unread or waits) and not self._advancing:
                self._advance()

    # Backpressure

    def resumeProducing(self) -> None:
        """Go on: what was sent has left."""
        super().resumeProducing()
        self._stalled = self._parts.sweep.now
        self._advance()

    def _pace(self) -> None:
        """Read from the network only as long as what comes can be used."""
        if self._phase is OVER:
            return
        pause = (
            self._body_paused
            or (self._waitingForTransport and self._request is None)
            or (
                len(self._reading.unread) > self._parts.limits.ahead_bytes
                and (self._phase is ANSWER or self._rests)
            )
        )
        if pause is not self._network_paused:
            self._network_paused = pause
            if pause:
                self._networkProducer.pauseProducing()
            else:
                self._networkProducer.resumeProducing()
