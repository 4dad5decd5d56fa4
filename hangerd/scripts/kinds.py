"""Whether a script prints HTML or text: the rule of `output = auto`.

Rules: a content type that the script set makes its output go as it is. Otherwise the first printed
character that is no white space decides: `<` opens HTML, all else is text. White space before it,
and what standard error said, are kept until then.
"""

from __future__ import annotations

from typing import Literal

from hangerd.scripts.response import HTML, Head
from hangerd.scripts.settings import OutputMode

Kind = Literal["html", "text", "own"]  # own: the script set a content type

TEXT = "text/plain; charset=utf-8"
_BLANK = b" \t\r\n\f\v"
_MOST_BLANK = 64 * 1024  # bytes that are waited through for a first character
_BOM = b"\xef\xbb\xbf"


class KindRule:
    """Decides once for one run."""

    def __init__(self, mode: OutputMode) -> None:
        self._mode = mode
        self.kind: Kind | None = None

    def decide(self, head: Head, data: bytes, *, last: bool = False) -> Kind | None:
        """Say what the output is, by what was printed so far; None while that is open.

        `last`: there is or may be no more to decide by.
        """
        if self.kind is None:
            self.kind = self._decide(head, data, last)
        return self.kind

    def _decide(self, head: Head, data: bytes, last: bool) -> Kind | None:
        if head.content_type and self._mode != "text":
            return "own"
        if self._mode != "auto":
            return self._mode
        start = data.removeprefix(_BOM).lstrip(_BLANK)[:1]
        if not start:
            return "text" if last or len(data) > _MOST_BLANK else None
        return "html" if start == b"<" else "text"


def content_type(kind: Kind, head: Head) -> str:
    """Return the content type of output that is sent as it is."""
    if kind == "own":
        return head.content_type
    return HTML if kind == "html" else TEXT
