"""A visitor of a script who comes by websocket, and what the script's `websocket` speaks to.

What the script prints and asks goes as JSON in messages of text: `{"event": "out", "text"}`,
`{"event": "err", "text"}` where standard error is shown, `{"event": "input", "token", "prompt",
"password"}`, answered by a write to the slot of the token. Its own messages go as they are. The
close code says how it ended: 1000 well, 1001 with the daemon or by stop, 1011 by a failure.

A script that sets a status of 300 or more, raises, or has ended before its first message, has
refused the handshake: the client gets that as a plain answer.
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.web.server import Request
from wsproto.connection import Connection

from hangerd.scripts.exceptions import WebSocketClientClosed
from hangerd.scripts.incoming import Incoming
from hangerd.scripts.note import RunNote
from hangerd.scripts.outcome import Outcome
from hangerd.scripts.pump import Visitor
from hangerd.scripts.questions import Question
from hangerd.scripts.response import Head
from hangerd.scripts.settings import ScriptSettings
from hangerd.web.noted import set_note
from hangerd.web.scripts.answer import RawAnswer
from hangerd.web.scripts.error_lines import ErrorLines
from hangerd.web.websockets.wire import Wire

GRACE = 5.0
"""Seconds that a script has to end by itself when its visitor has left."""

_REFUSAL = 300

Handshake = Callable[[Head, str | None], tuple[Connection, bytes]]
"""Gives the websocket of a request, and the bytes that accept it with such a subprotocol."""


class SocketAnswer(Visitor):
    """One websocket of one run. A Peer, and a Listener of its wire, too."""

    def __init__(
        self, request: Request, handshake: Handshake, clock: IReactorTime, *, debug: bool
    ) -> None:
        self._request = request
        self._handshake = handshake
        self._clock = clock
        self._debug = debug
        self._settings = ScriptSettings()
        self._incoming: Any = None
        self._wire: Wire | None = None
        self._plain: RawAnswer | None = None  # the answer that refuses the handshake
        self._producer: Any = None
        self._note = RunNote("", "")
        self._gone = False
        self._over = False
        self._grace: IDelayedCall | None = None
        self._errors = ErrorLines("", "")
        self._decoders = [getincrementaldecoder("utf-8")("replace") for _ in range(2)]

    def connect(self, incoming: Incoming) -> None:
        """Put what comes in here."""
        self._incoming = incoming

    def visitor(self, settings: ScriptSettings) -> SocketAnswer:
        """Know the script's settings."""
        self._settings = settings
        return self

    # The visitor of a run

    def begin(self, note: RunNote, producer: IPushProducer) -> None:
        """Wait for what the script makes of the handshake."""
        self._note = note
        self._producer = producer
        set_note(self._request, note)
        self._errors = ErrorLines(self._request.path.decode("latin-1"), note.run)
        self._request.notifyFinish().addErrback(self._left_early)

    def out(self, head: Head, data: bytes) -> None:
        """Send standard output as an event."""
        if self._opened(head):
            self._tell_text("out", False, data)
        elif self._plain is not None:
            self._plain.out(head, data)

    def err(self, head: Head, data: bytes) -> None:
        """Send standard error as an event, or leave it to the log."""
        if self._settings.stderr == "page" and self._opened(head):
            self._tell_text("err", True, data)
        else:
            self._errors.write(data)

    def ask(self, head: Head, question: Question, token: str) -> bool:
        """Send a question; the client writes the slot of `token`."""
        if not self._opened(head):
            return False
        self._tell("input", token=token, prompt=question.prompt, password=question.password)
        return True

    def answered(self, question: Question, line: str | None) -> None:
        """Have nothing to do: the client knows what it wrote."""

    def end(self, head: Head, outcome: Outcome) -> None:
        """Close the websocket, or refuse it."""
        self._over = True
        self._errors.close()
        if self._grace is not None:
            self._grace.cancel()
        if outcome.whole and not outcome.exit_code:
            self._opened(head)
        elif self._wire is None:
            self._refuse(head)
        if self._plain is not None:
            self._plain.end(head, outcome)
        elif self._wire is not None:
            reason = f"{outcome.message} (request {self._note.run})" if outcome.message else ""
            self._wire.close(_code(outcome), reason)

    # The script's websocket

    def accept(self, head: Head, subprotocol: str | None = None) -> None:
        """Answer the handshake, if it is not answered yet."""
        if self._wire is not None or self._plain is not None or self._gone:
            return
        connection, opening = self._handshake(head, subprotocol)
        channel: Any = self._request.channel
        self._request.setResponseCode(101)
        self._wire = Wire(connection, opening, self, self._clock, self._settings.message)
        channel._protocolUpgradeForWebsockets(self._wire)

    def send(self, head: Head, data: str | bytes) -> None:
        """Send a message."""
        if self._opened(head) and self._wire is not None:
            self._wire.send(data)

    def ping(self, data: bytes) -> None:
        """Send a ping."""
        if self._wire is not None:
            self._wire.ping(data)

    def pong(self, data: bytes) -> None:
        """Send a pong."""
        if self._wire is not None:
            self._wire.pong(data)

    def close(self, head: Head, code: int, reason: str) -> None:
        """Close the websocket."""
        if self._opened(head) and self._wire is not None:
            self._wire.close(code, reason)

    def resume(self) -> None:
        """Read on: the script has room for messages again."""
        if self._wire is not None:
            self._wire.resume()

    # What comes by the wire

    def received(self, message: str | bytearray) -> None:
        """Hand a message to the script."""
        if not self._incoming.put(message) and self._wire is not None:
            self._wire.pause()

    def closed(self) -> None:
        """Tell the script that no more comes; give it a while to end."""
        self._gone = True
        self._incoming.end(WebSocketClientClosed("the visitor has closed the websocket"))
        self._log()
        if not self._over:
            self._grace = self._clock.callLater(GRACE, self._end_run)
            self._producer.resumeProducing()  # what still comes goes nowhere

    def pauseProducing(self) -> None:
        """Have the script wait."""
        self._producer.pauseProducing()

    def resumeProducing(self) -> None:
        """Have the script go on."""
        if not self._over:
            self._producer.resumeProducing()

    def _opened(self, head: Head) -> bool:
        """Accept unless that is decided; whether messages can be sent."""
        if self._wire is None and self._plain is None and not self._gone:
            if head.status >= _REFUSAL:
                self._refuse(head)
            else:
                self.accept(head)
        return self._wire is not None and not self._gone

    def _refuse(self, head: Head) -> None:
        if self._plain is None and not self._gone:
            self._plain = RawAnswer(self._request, self._settings, debug=self._debug)
            self._plain.begin(self._note, self._producer)

    def _end_run(self) -> None:
        self._grace = None
        self._producer.stopProducing()

    def _left_early(self, _: object) -> None:
        if self._wire is None and self._plain is None and not self._gone:
            self._gone = True
            self._incoming.end(WebSocketClientClosed("the visitor has left"))
            self._producer.stopProducing()

    def _tell_text(self, event: str, err: bool, data: bytes) -> None:
        if text := self._decoders[err].decode(data):
            self._tell(event, text=text)

    def _tell(self, event: str, **data: Any) -> None:
        if self._wire is not None:
            self._wire.send(json.dumps({"event": event, **data}))

    def _log(self) -> None:
        """Have the access log's line written, as `finish` would."""
        channel: Any = self._request.channel
        if self._wire is not None and getattr(channel, "factory", None) is not None:
            self._request.sentLength = self._wire.sent
            if not self._over:
                self._note.ended = "disconnect"
            channel.factory.log(self._request)


def _code(outcome: Outcome) -> int:
    if outcome.whole and not outcome.exit_code:
        return 1000
    return 1001 if outcome.kind == "stop" else 1011
