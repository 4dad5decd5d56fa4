"""A run as an event-stream (HTML, 9.2): for consoles, and for programs that watch a script.

`start {run}`, `out {text}`, `err {text}`, `input {token, prompt, password}`,
`exit {status, error, seconds}`; each with an id that counts from 1. The data is JSON.
While nothing happens a comment (a line that begins with a colon) goes out every 15 seconds: proxies
cut off what says nothing for longer, and a client can tell silence from a connection that is gone.
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from typing import Any

from twisted.internet.interfaces import IPushProducer, IReactorTime
from twisted.web.server import Request

from hangerd.scripts.note import RunNote
from hangerd.scripts.outcome import Outcome
from hangerd.scripts.pump import Visitor
from hangerd.scripts.questions import Question
from hangerd.scripts.response import Head
from hangerd.web.beat import Beat
from hangerd.web.noted import set_note
from hangerd.web.scripts.error_lines import ErrorLines


class EventStream(Visitor):
    """Sends a run's output as events."""

    def __init__(self, request: Request, clock: IReactorTime, *, debug: bool) -> None:
        self._request = request
        self._clock = clock
        self._debug = debug
        self._began = clock.seconds()
        self._beat = Beat(clock)
        self._count = 0
        self._gone = False
        self._errors = ErrorLines("", "")
        self._decoders = [getincrementaldecoder("utf-8")("replace") for _ in range(2)]

    def begin(self, note: RunNote, producer: IPushProducer) -> None:
        """Tell the run's id, and take it as the producer of events."""
        set_note(self._request, note)
        self._errors = ErrorLines(self._request.path.decode("latin-1"), note.run)
        headers = self._request.responseHeaders
        headers.setRawHeaders("Content-Type", ["text/event-stream"])
        headers.setRawHeaders("X-Content-Type-Options", ["nosniff"])
        headers.setRawHeaders("Cache-Control", ["no-store"])
        headers.setRawHeaders("X-Accel-Buffering", ["no"])
        self._request.notifyFinish().addErrback(self._left, producer)
        self._send("start", run=note.run)
        self._request.registerProducer(producer, True)
        self._beat.start(lambda: self._request.write(b":\n\n"))

    def out(self, head: Head, data: bytes) -> None:
        """Send standard output."""
        self._text("out", False, data)

    def err(self, head: Head, data: bytes) -> None:
        """Send standard error; when the client has left, log it."""
        if self._gone:
            self._errors.write(data)
        else:
            self._text("err", True, data)

    def ask(self, head: Head, question: Question, token: str) -> bool:
        """Send a question; the client writes the slot of `token`."""
        self._send("input", token=token, prompt=question.prompt, password=question.password)
        return True

    def answered(self, question: Question, line: str | None) -> None:
        """Have nothing to do: the client knows what it wrote."""

    def end(self, head: Head, outcome: Outcome) -> None:
        """Send how it ended."""
        if self._gone:
            self._errors.close()
            return
        self._leave()
        self._request.unregisterProducer()
        error = outcome.message if outcome.kind != "done" else ""
        if self._debug and outcome.trace:
            error = outcome.trace
        seconds = round(self._clock.seconds() - self._began, 3)
        self._send("exit", status=outcome.exit_code, error=error, seconds=seconds)
        self._request.finish()

    def _text(self, event: str, err: bool, data: bytes) -> None:
        if text := self._decoders[err].decode(data):
            self._send(event, text=text)

    def _send(self, event: str, **data: Any) -> None:
        self._count += 1
        self._beat.touch()
        told = f"id: {self._count}\nevent: {event}\ndata: {json.dumps(data)}\n\n"
        self._request.write(told.encode())

    def _left(self, _: object, producer: IPushProducer) -> None:
        if not self._gone:
            self._leave()
            producer.stopProducing()

    def _leave(self) -> None:
        self._gone = True
        self._beat.stop()
