"""A script's output in a browser: text becomes a page, and input() a form in it.

While the visitor thinks, an empty comment goes out now and then, or a proxy would cut the page off.
"""

from __future__ import annotations

import secrets
from codecs import getincrementaldecoder

from twisted.internet.interfaces import IPushProducer, IReactorTime
from twisted.web.server import Request

from hangerd.scripts.outcome import Outcome
from hangerd.scripts.questions import Question
from hangerd.scripts.response import HTML, Head
from hangerd.scripts.settings import ScriptSettings
from hangerd.web.beat import Beat
from hangerd.web.packing import Packing
from hangerd.web.scripts import page
from hangerd.web.scripts.ansi import AnsiText
from hangerd.web.scripts.answer import RawAnswer


class BrowserAnswer(RawAnswer):
    """Sends a run's output to somebody who looks at it. A Visitor."""

    def __init__(
        self,
        request: Request,
        settings: ScriptSettings,
        clock: IReactorTime,
        packing: Packing | None = None,
        *,
        debug: bool,
    ) -> None:
        super().__init__(request, settings, packing, debug=debug)
        self._nonce = secrets.token_urlsafe(12)
        self._decoders = [getincrementaldecoder("utf-8")("replace") for _ in range(2)]
        self._ansi = [AnsiText(), AnsiText("e")]
        self._asked: page.Asked | None = None
        self._questions = 0
        self._beat = Beat(clock)

    def open(self, head: Head) -> None:
        """Send status, headers, and the opening of a page of text."""
        if (self.rule.kind or "text") != "text":
            super().open(head)
            return
        self.begun = True
        self.send_head(head, HTML)
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{self._nonce}'; "
            "connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'"
        )
        self.request.responseHeaders.setRawHeaders("Content-Security-Policy", [policy])
        self.pack(head)
        title = self.request.path.rpartition(b"/")[2].decode("latin-1") or "script"
        self.write(page.opening(title, self._nonce).encode())

    def show(self, err: bool, data: bytes) -> None:
        """Send output, escaped if it is text."""
        if self.rule.kind != "text":
            self.write(data)
            return
        markup = self._ansi[err].feed(self._decoders[err].decode(data))
        if markup:
            self.write(markup.encode())

    def ask(self, head: Head, question: Question, token: str) -> bool:
        """Send a form. False when the output is no page."""
        self.rule.decide(head, b"", last=True)
        self._release(head)
        if self.rule.kind == "own" and not head.content_type.startswith("text/html"):
            return False
        if not self.begun:
            self.open(head)
        self._questions += 1
        depth = self.request.path.count(b"/") - 1
        base = f"{'../' * depth}hanger/{token}/"
        self._asked = page.Asked(self._questions, base, question.prompt, question.password)
        if self.rule.kind == "text":
            self.write(page.text_closing().encode())
        if self._questions == 1:
            self.write(page.frame().encode())
        self.write(page.question(self._asked, self._nonce).encode())
        self._beat.start(lambda: self.write(b"<!---->"))
        return True

    def answered(self, question: Question, line: str | None) -> None:
        """Put the line in the form's place."""
        self._beat.stop()
        if self._asked is None or self.gone:
            return
        self.write(page.answered(self._asked, line).encode())
        self._asked = None
        if self.rule.kind == "text":
            self.write(page.text_opening().encode())

    def end(self, head: Head, outcome: Outcome) -> None:
        """End the page, whole or cut off."""
        self._beat.stop()
        super().end(head, outcome)

    def left(self, why: object, producer: IPushProducer) -> None:
        """Hear that the visitor is gone."""
        self._beat.stop()
        super().left(why, producer)

    def close(self, note: str, *, alarm: bool) -> None:
        """Send the end of a page of text."""
        if self.rule.kind != "text":
            return
        rest = self._ansi[False].end()
        if self._asked is None:
            self.write((rest + page.text_closing()).encode())
        self.write(page.closing(note, alarm=alarm).encode())
