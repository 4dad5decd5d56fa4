"""The answer to a request for a script: its output as it is, with its status and headers.

Browsers that get text see a page of it instead: see `text`. An answer that is not whole is
cut off, so that a client can tell; one that never began becomes a short page with the run's id.
"""

from __future__ import annotations

import html
from http import HTTPStatus
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.web.http import NO_BODY_CODES
from twisted.web.server import Request

from hangerd.scripts.kinds import KindRule, content_type
from hangerd.scripts.note import RunNote
from hangerd.scripts.outcome import Outcome
from hangerd.scripts.pump import Visitor
from hangerd.scripts.questions import Question
from hangerd.scripts.response import Head
from hangerd.scripts.settings import ScriptSettings
from hangerd.web.cutting import cut
from hangerd.web.noted import set_note
from hangerd.web.notices import notice
from hangerd.web.packing import LEAST, PackedAnswer, Packing
from hangerd.web.scripts.error_lines import ErrorLines

# What only the server may say of a message (RFC 9110, 7.6.1; RFC 9112, 6). A length is taken from
# the script, but held: bytes beyond it would be read as the next answer.
_NOT_FROM_SCRIPTS = frozenset(
    ("connection", "content-length", "keep-alive", "transfer-encoding", "upgrade")
)

# Bytes kept until it is known whether the page shows standard error; the log gets what is more.
_MOST_HELD = 64 * 1024


class RawAnswer(Visitor):
    """Sends a run's output as it is."""

    def __init__(
        self,
        request: Request,
        settings: ScriptSettings,
        packing: Packing | None = None,
        *,
        debug: bool,
    ) -> None:
        """Take what bounds the packed answers, where this one may be packed."""
        self.request = request
        self.packing = packing
        self.rule = KindRule(settings.output)
        self.stderr = settings.stderr
        self._debug = debug
        self._held: list[tuple[bool, bytes]] = []  # until the kind is known
        self._id = ""
        self._errors: ErrorLines | None = None
        self._promised: int | None = None  # bytes that the script's Content-Length still announces
        self._packed: PackedAnswer | None = None
        self._is_tiny = False  # the whole page
        self.begun = False
        self.gone = False

    def begin(self, note: RunNote, producer: IPushProducer) -> None:
        """Take the run as the producer of the answer."""
        self._id = note.run
        set_note(self.request, note)
        if self.packing is not None:
            producer = self._packed = PackedAnswer(self.packing, producer)
        self.request.notifyFinish().addErrback(self.left, producer)
        self.request.registerProducer(producer, True)

    def out(self, head: Head, data: bytes) -> None:
        """Send standard output, once it is known what it is."""
        self._held.append((False, data))
        self._release_when_known(head)

    def err(self, head: Head, data: bytes) -> None:
        """Send standard error, or leave it to the log."""
        if self.gone:
            self._log_held_errors()
            self._log_error(data)
            return
        self._held.append((True, data))
        if head.frozen:
            self._release_when_known(head)
        if sum(len(held) for _, held in self._held) > _MOST_HELD:
            self._log_held_errors()

    def ask(self, head: Head, question: Question, token: str) -> bool:
        """Say that nobody here can be asked."""
        return False

    def answered(self, question: Question, line: str | None) -> None:
        """Have nothing to do: nothing was asked."""

    def finish(self, head: Head, data: bytes, outcome: Outcome) -> None:
        """Send the last of the output together with the end, which may be all there is."""
        self._is_tiny = self.untouched and len(data) < LEAST
        super().finish(head, data, outcome)

    def end(self, head: Head, outcome: Outcome) -> None:
        """End the answer, whole or cut off."""
        self._end(head, outcome)
        self.end_packing()

    def end_packing(self) -> None:
        """Let go of what packs, which knows the run, as the run knows this answer: a circle."""
        if self._packed is not None:
            self._packed.close()
            self._packed = None

    def _end(self, head: Head, outcome: Outcome) -> None:
        if self.gone:
            self._log_errors()
            return
        self.gone = True
        self.request.unregisterProducer()
        if self._held or (outcome.whole and head.frozen):
            self.rule.decide(head, b"", last=True)
            if any(not err for err, _ in self._held) or not outcome.exit_code:
                self._release(head)
        self._log_errors()
        if not self.begun and (outcome.exit_code or not outcome.whole):
            self._refuse(head, outcome)
        elif outcome.whole:
            self._finish(head, outcome)
        else:
            self._cut_off(outcome)

    def write(self, data: bytes) -> None:
        """Send bytes, as many as were announced if that was said."""
        if self._promised is not None:
            data = data[: self._promised]
            self._promised -= len(data)
        self.request.write(data if self._packed is None else self._packed.feed(data))

    def open(self, head: Head) -> None:
        """Send status and headers."""
        self.begun = True
        self.send_head(head, content_type(self.rule.kind or "text", head))
        self.promise(head)
        if not self._is_tiny:
            self.pack(head)

    def pack(self, head: Head) -> None:
        """Have what follows packed, where that fits; status and headers are known."""
        if self._packed is not None:
            self._packed.begin(self.request, head)

    def show(self, err: bool, data: bytes) -> None:
        """Send output of a known kind."""
        self.write(data)

    def close(self, note: str, *, alarm: bool) -> None:
        """Send what ends the output; a bare client needs nothing."""

    def send_head(self, head: Head, kind: str) -> None:
        """Give status and headers to the request, which sends them with the first bytes."""
        standard = head.message == "OK" and head.status != HTTPStatus.OK
        self.request.setResponseCode(head.status, None if standard else head.message.encode())
        headers = self.request.responseHeaders
        for name, value in head.fields.pairs():
            if name.lower() not in _NOT_FROM_SCRIPTS:
                headers.addRawHeader(name, value)
        headers.setRawHeaders(b"Content-Type", [kind.encode()])
        if head.closes and self.request.clientproto.startswith(b"HTTP/1"):
            headers.setRawHeaders(b"Connection", [b"close"])
        headers.setRawHeaders(b"X-Accel-Buffering", [b"no"])

    def promise(self, head: Head) -> None:
        """Announce the length that the script gives for its output, if it gives one."""
        if (length := head.fields.get("content-length")) is not None:
            self._promised = int(length)
            self.request.responseHeaders.setRawHeaders(b"Content-Length", [length.encode()])

    @property
    def untouched(self) -> bool:
        """Whether nothing has come so far, of either stream."""
        return not (self.begun or self._held or self._errors)

    def left(self, why: object, producer: IPushProducer) -> None:
        """Hear that the visitor is gone."""
        if not self.gone:
            self.gone = True
            producer.stopProducing()

    def _release_when_known(self, head: Head) -> None:
        printed = b"".join(piece for err, piece in self._held if not err)
        if self.rule.decide(head, printed) is not None:
            self._release(head)

    def _release(self, head: Head) -> None:
        held, self._held = self._held, []
        for err, data in held:
            if err and not self._errors_are_shown:
                self._log_error(data)
                continue
            if not self.begun:
                self.open(head)
            self.show(err, data)

    def _log_errors(self) -> None:
        """Leave to the log what no page has taken."""
        if self._held:
            self._log_held_errors()
        if self._errors is not None:
            self._errors.close()

    def _log_error(self, data: bytes) -> None:
        if self._errors is None:
            self._errors = ErrorLines(self.request.path.decode("latin-1"), self._id)
        self._errors.write(data)

    def _log_held_errors(self) -> None:
        for err, data in self._held:
            if err:
                self._log_error(data)
        self._held = [held for held in self._held if not held[0]]

    @property
    def _errors_are_shown(self) -> bool:
        return self.stderr == "page" or (self.stderr == "auto" and self.rule.kind == "text")

    def _refuse(self, head: Head, outcome: Outcome) -> None:
        for name, value in (*head.fields.pairs(), *outcome.headers):
            if name.lower() not in _NOT_FROM_SCRIPTS and not name.lower().startswith("content-"):
                self.request.responseHeaders.addRawHeader(name, value)
        status = outcome.status
        known = HTTPStatus(status).phrase if status in list(HTTPStatus) else "Error"
        text = f"{outcome.message} (request {self._id})"
        markup = f"<p>{html.escape(text)}</p>"
        if self._debug and outcome.error:
            markup = f"<ul><li>{html.escape(outcome.error)}</li></ul>\n"
            markup += f"<pre>{html.escape(outcome.trace)}</pre>"
            text = outcome.trace or outcome.error
        notice(self.request, status, f"{status} {known}", markup, text)

    def _finish(self, head: Head, outcome: Outcome) -> None:
        if self.begun:
            self.close(_note(outcome), alarm=False)
        else:
            self.rule.decide(head, b"", last=True)
            self.send_head(head, content_type(self.rule.kind or "text", head))
            self.request.responseHeaders.setRawHeaders("Content-Length", ["0"])
            if self._is_bodiless(head):
                self.promise(head)
        if self._promised and not self._is_bodiless(head):
            self._abort()
            return
        if self._packed is not None:
            self.request.write(self._packed.end())
        self.request.finish()

    def _cut_off(self, outcome: Outcome) -> None:
        if self._debug and outcome.error and self.rule.kind == "html":
            self.write(f"<ul><li>{html.escape(outcome.error)}</li></ul>\n".encode())
        elif self._debug and outcome.error and self.rule.kind == "text":
            self.show(True, (outcome.trace or f"{outcome.error}\n").encode(errors="replace"))
        self.close(f"{outcome.message} (request {self._id})", alarm=True)
        self._abort()

    def _is_bodiless(self, head: Head) -> bool:
        return self.request.method == b"HEAD" or head.status in NO_BODY_CODES

    def _abort(self) -> None:
        """End the answer so that its reader sees that it is not whole."""
        channel: Any = self.request.channel
        if getattr(channel, "factory", None) is not None:
            channel.factory.log(self.request)  # as finish() would
        transport: Any = self.request.transport
        if self.request.clientproto == b"HTTP/1.0" and hasattr(transport, "abortConnection"):
            transport.abortConnection()  # a clean end would look like the end of the body
        else:
            cut(self.request)


def _note(outcome: Outcome) -> str:
    return outcome.message if outcome.exit_code else ""
