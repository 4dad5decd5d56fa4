"""An answer that comes line by line, no faster than its reader takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure
from twisted.web.http import Request
from zope.interface import implementer


@implementer(IPushProducer)
class LineSender:
    """Writes to a request; `write` returns when there is room for more."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._paused: Deferred[None] | None = None
        self._gone = False
        request.registerProducer(self, True)
        request.notifyFinish().addErrback(self._left)

    async def write(self, data: bytes) -> None:
        """Write. Raises ConnectionDone when the client has left."""
        if not self._gone:
            self._request.write(data)
        if self._paused is not None and not self._gone:
            await self._paused
        if self._gone:
            raise ConnectionDone

    def end(self) -> None:
        """Close the answer. Without this, the client sees that it is not whole."""
        if not self._gone:
            self._request.unregisterProducer()

    def pauseProducing(self) -> None:
        """Have the next write wait."""
        if self._paused is None:
            self._paused = Deferred()

    def resumeProducing(self) -> None:
        """Let it go on."""
        paused, self._paused = self._paused, None
        if paused is not None:
            paused.callback(None)

    def stopProducing(self) -> None:
        """The client has left."""
        self._gone = True
        self.resumeProducing()

    def _left(self, why: Failure) -> None:
        self.stopProducing()


def send_lines(
    request: Request, content_type: bytes, send: Callable[[LineSender], Awaitable[None]]
) -> Deferred[bytes]:
    """Answer with what `send` writes; it is cancelled when the client leaves."""
    request.responseHeaders.setRawHeaders(b"Content-Type", [content_type])
    request.responseHeaders.setRawHeaders(b"Cache-Control", [b"no-store"])
    request.responseHeaders.setRawHeaders(b"X-Accel-Buffering", [b"no"])
    sender = LineSender(request)

    async def run() -> bytes:
        try:
            await send(sender)
        except ConnectionDone:
            return b""
        except CancelledError:  # Klein's word that the client has left
            sender.stopProducing()
            raise
        finally:
            sender.end()
        return b""

    return Deferred.fromCoroutine(run())
