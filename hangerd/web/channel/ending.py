"""How a connection ends: by refusal, by timeout, by the last answer, by the client, by an upgrade.

Every end goes one of three roads: `loseConnection` when everything was read, a `Linger` when the
client may still be sending, `abortConnection` when the client does not take what is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol
from twisted.python.failure import Failure
from twisted.web.http import Request, datetimeToString
from twisted.web.iweb import INonQueuedRequestFactory

from hangerd.direct_send import unsent
from hangerd.web.answers import JSON, refusal_body
from hangerd.web.arrival import Deliveries, has_left, has_vanished, untaken
from hangerd.web.channel.answering import Answering
from hangerd.web.channel.direct import Served
from hangerd.web.channel.errors import MalformedRequest, Refused, RequestTimedOut
from hangerd.web.channel.parts import ChannelParts, Pairs
from hangerd.web.channel.reading import Reading
from hangerd.web.channel.timeouts import Phase
from hangerd.web.linger import Linger
from hangerd.web.reasons import reason

# An enum's member costs a look-up each time, and these are compared for every request.
IDLE, HEAD, BODY, ANSWER, OVER = Phase


class Ending(Answering):
    """The end of a connection. `HttpChannel` adds what comes before.

    `site`, `factory`, `requestFactory`, `timeOut` (seconds an idle connection is kept, None for
    no timeouts at all) and `callLater` are set by the factory, as with Twisted's channel. `client`
    is whose requests all of its requests are; None: that is to be asked for each.
    """

    __slots__ = (
        "__dict__",  # an upgrade assigns `dataReceived` and `connectionLost`
        "_advancing",
        "_body_paused",
        "_deliveries",
        "_linger",
        "_parts",
        "_phase",
        "_reading",
        "_request",
        "_since",
        "_stalled",
        "_unsent",
        "callLater",
        "client",
        "factory",
        "requestFactory",
        "site",
        "timeOut",
    )

    dataReceived: Any

    def __init__(self, parts: ChannelParts) -> None:
        super().__init__(parts.turn_end)
        self._parts = parts
        self._reading = Reading(parts.limits)
        self._request: Served | None = None
        self._advancing = False
        self._body_paused = False
        self._linger: Linger | None = None
        self._deliveries = Deliveries()
        self._phase = IDLE
        self._since = parts.sweep.now
        self._stalled = 0.0
        self._unsent: int | None = None
        self.requestFactory: Any = Request
        self.site: Any = None
        self.factory: Any = None
        self.timeOut: float | None = None
        self.callLater: Any = None
        self.client: str | None = None

    # Refusals

    @property
    def path(self) -> bytes:
        """The request-target as far as it was received, perhaps cut; empty when none was."""
        return self._reading.begun()[1] if self._request is None else self._request.uri

    @property
    def origin(self) -> bytes | None:
        """The request's Origin header; None when it has none, or it did not come whole."""
        if self._request is None:
            return self._reading.begun()[2]
        return self._request.getHeader(b"Origin")

    def refuse(self, status: int, message: str, remedy: str, headers: Pairs = ()) -> None:
        """Answer the request at hand with `status` and its reasons, and close the connection.

        `headers` are added to those of every refusal. Where the request has begun to write an
        answer, that is cut off.
        """
        self._refuse(status, refusal_body(status, message, remedy), headers)

    def _refuse(self, status: int, body: bytes, headers: Pairs = ()) -> None:
        if self._phase is OVER:
            return
        request = self._request
        if request is None or not request.startedWriting:
            self._outbox.add(self._refusal(status, body, headers))
            self._log_refusal(status, len(body))
        self._end_lingering()
        if not self._advancing:
            self._release()

    def _refusal(self, status: int, body: bytes, headers: Pairs) -> bytes:
        lines = [b"HTTP/1.1 %d %b" % (status, reason(status))]
        lines.extend(b"%b: %b" % pair for pair in self._parts.refusal_headers(self))
        lines.extend(b"%b: %b" % pair for pair in headers)
        lines.append(b"Date: " + datetimeToString())
        lines.append(b"Content-Type: " + JSON)
        lines.append(b"Content-Length: %d" % len(body))
        lines.append(b"Connection: close\r\n\r\n")
        head = b"\r\n".join(lines)
        method = self._request.method if self._request else self._reading.begun()[0]
        return head if method == b"HEAD" else head + body

    def _log_refusal(self, status: int, size: int) -> None:
        """Have the access log's line written, by as much of the request as there is."""
        if self.factory is None:
            return
        request = self._request
        if not isinstance(request, Request):
            request = self.new_request()
            method, target, _ = self._reading.begun()
            request.method, request.uri = method or b"-", target or b"-"
            request.path = request.uri.partition(b"?")[0]
        request.setResponseCode(status)
        request.sentLength = size
        self.factory.log(request)

    def new_request(self) -> Request:
        """Make a request of this connection, which knows nothing yet."""
        if INonQueuedRequestFactory.providedBy(self.requestFactory):
            return self.requestFactory(self)  # type: ignore[no-any-return]
        # The place in a queue, which Twisted abandoned.
        return self.requestFactory(self, 0)  # type: ignore[no-any-return]

    def _refuse_for(self, refused: Refused) -> None:
        said = refusal_body(refused.status, refused.message, refused.remedy, refused.code)
        self._refuse(refused.status, said)

    def _respondToBadRequestAndDisconnect(self) -> None:
        """Refuse a form that is not what its Content-Type says; `Request` calls this."""
        self._refuse_for(MalformedRequest("The form cannot be read.", "Check its Content-Type."))

    # Roads out

    def loseConnection(self) -> None:
        """Close when everything written has left; if it matters, not before the client has it."""
        if self._deliveries.asked and self._phase is not OVER:
            self._end_lingering()
            return
        self._outbox.flush()
        self._phase = OVER
        self._unregister()
        self.transport.loseConnection()

    def _end_lingering(self) -> None:
        self._outbox.flush()
        self._outbox.close()
        self._phase = OVER
        self._reading.unread = b""
        self._unregister()
        self.stopProducing()
        limits = self._parts.limits
        # A refusal leaves at once; a long answer, given before its body was whole, takes its time.
        seconds = limits.write_seconds if unsent(self.transport) else limits.linger_seconds
        self._linger = Linger(
            self.transport, self._parts.clock, seconds, limits.linger_bytes, self._judge
        )

    def _release(self) -> None:
        """Let go of a request that will not be answered any more."""
        request, self._request = self._request, None
        if request is not None:
            request.connectionLost(Failure(ConnectionDone("The request was refused.")))

    def connectionLost(self, reason: Failure) -> None:
        """Tell those who wait that the client is gone."""
        self._phase = OVER
        self._parts.sweep.forget(self)
        # A clean end while bytes are still ours means that the client never saw them.
        held_back = self._outbox.waiting or unsent(self.transport)
        self._deliveries.connection_lost(clean=bool(reason.check(ConnectionDone)) and not held_back)
        self._outbox.close()
        self.stopProducing()
        if self._linger is not None:
            self._linger.ended()
        request, self._request = self._request, None
        if request is not None:
            request.connectionLost(reason)

    def readConnectionLost(self) -> None:
        """The client has closed: before it had an answer, while that was on its way, or after.

        Called where the protocol provides `IHalfCloseableProtocol`; else a close is a loss at once.
        """
        self._outbox.flush()
        self._deliveries.client_closed(self.transport)
        self.loseConnection()

    def when_settled(self, settled: Callable[[bool], None]) -> bool:
        """Ask whether the answer that is about to be written was lost with its connection.

        `settled(lost)` is called when the client sends something again, or the connection ends.
        Returns False, and never calls, where that cannot be known: TLS ends a connection by itself.
        """
        if self.isSecure():
            return False
        self._deliveries.ask(settled)
        return True

    def _judge(self) -> None:
        """Settle by what the client's side has taken."""
        self._deliveries.judge(self.transport)

    def _protocolUpgradeForWebsockets(self, protocol: IProtocol) -> None:
        """Hand the connection over; `twisted.web.websocket` calls this while a request renders.

        It may also be called later, as long as the request has not begun its answer.
        """
        ours = self.connectionLost

        def lost(reason: Failure) -> None:
            protocol.connectionLost(reason)
            ours(reason)

        self._outbox.flush()
        self._phase = OVER
        self._parts.sweep.forget(self)
        self._unregister()
        self._networkProducer.resumeProducing()
        self.dataReceived = protocol.dataReceived
        self.connectionLost = lost  # type: ignore[method-assign]
        protocol.makeConnection(self.transport)
        if not self._advancing:
            self._hand_on()

    def _hand_on(self) -> None:
        """Hand an upgrade what its client sent ahead."""
        if "dataReceived" in self.__dict__ and self._reading.unread:
            rest, self._reading.unread = self._reading.unread, b""
            self.dataReceived(rest)

    # Timeouts

    def setTimeout(self, period: float | None) -> float | None:
        """Change `timeOut`, and give what it was; None ends all timeouts of this connection."""
        previous, self.timeOut = self.timeOut, period
        if period is None:
            self._parts.sweep.forget(self)
        else:
            self._since = self._parts.sweep.now
            self._parts.sweep.watch(self)
        return previous

    def swept(self, now: float, interval: float) -> None:
        """See `Swept.swept`."""
        owes = self._phase is ANSWER and unsent(self.transport)
        if owes or self._waitingForTransport or self._phase is OVER:
            self._check_stalled(now)
            return
        self._stalled = now
        sent = self._deliveries.asked or getattr(self._request, "startedWriting", False)
        link = self.transport
        if (self._network_paused and has_left(link)) or (sent and has_vanished(link)):
            link.abortConnection()
            return
        waited = now - self._since - interval
        limits = self._parts.limits
        if self._phase is IDLE:
            if self.timeOut is not None and waited >= self.timeOut:
                self.loseConnection()
        elif self._phase is HEAD:
            if waited >= limits.head_seconds:
                self._refuse_for(RequestTimedOut("The headers did not come in time.", "Send them."))
        elif self._phase is BODY and not self._body_paused and waited >= limits.body_seconds:
            self._refuse_for(RequestTimedOut("The body stopped coming.", "Send without a pause."))

    def _check_stalled(self, now: float) -> None:
        left = untaken(self.transport)
        if left != self._unsent:
            self._unsent = left
            self._stalled = now
        elif now - self._stalled >= self._parts.limits.write_seconds:
            self._parts.sweep.forget(self)
            getattr(self.transport, "abortConnection", self.transport.loseConnection)()
