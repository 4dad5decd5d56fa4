r"""Terminal text as HTML, piece by piece: colours (ECMA-48 SGR) and carriage returns, no more.

Rules: feed takes text in any pieces and never looks back, so a page can be streamed. A `\r` starts
a segment of class `r`; a style sheet hides the segment before it, as a terminal would overwrite it.
Control sequences other than colours leave no trace; what is too long for one is text.
"""

from __future__ import annotations

import html
import re

_TOKEN = re.compile(
    r"\x1b\[([0-?]{0,99})[ -/]{0,9}([@-~])|\x1b[@-Z\\-_]|\r\n|\r|\n|[\x00-\x08\x0b-\x1f\x7f]"
)
_PARTIAL = re.compile(r"\x1b(?:\[[0-?]{0,99}[ -/]{0,9})?\Z|\r\Z")
_FLAGS = {1: "b", 2: "d", 3: "i", 4: "u", 7: "v", 9: "x"}
_OFF = {22: "bd", 23: "i", 24: "u", 27: "v", 29: "x"}
_COLOURS = 8


class AnsiText:
    """One stream of terminal text; all of it has the class `always`, if told."""

    def __init__(self, always: str = "") -> None:
        self._always = {always} if always else set()
        self._rest = ""
        self._flags: set[str] = set()
        self._front = ""
        self._back = ""

    def feed(self, text: str) -> str:
        """Return the HTML for more text; what may be half a sequence is kept for later."""
        text = self._rest + text
        partial = _PARTIAL.search(text)
        self._rest = partial.group() if partial else ""
        if partial:
            text = text[: partial.start()]
        parts, end = [], 0
        for token in _TOKEN.finditer(text):
            parts.append(self._styled(text[end : token.start()]))
            parts.append(self._control(token))
            end = token.end()
        parts.append(self._styled(text[end:]))
        return "".join(parts)

    def end(self) -> str:
        """Return the HTML for what was kept."""
        rest, self._rest = self._rest, ""
        return '</s><s class="r">' if rest == "\r" else ""

    def _control(self, token: re.Match[str]) -> str:
        if token.group() in ("\n", "\r\n"):
            return "</s>\n<s>"
        if token.group() == "\r":
            return '</s><s class="r">'
        if token.group(2) == "m":
            self._set([int(n) if n.isdecimal() else 0 for n in re.split("[;:]", token[1])])
        return ""

    def _styled(self, text: str) -> str:
        if not text:
            return ""
        escaped = html.escape(text, quote=False)
        named = {colour for colour in (self._front, self._back) if colour[:1] in ("f", "k")}
        classes = " ".join(sorted(self._always | self._flags | named))
        colours = (("color", self._front), ("background", self._back))
        style = ";".join(f"{name}:{value}" for name, value in colours if value[:1] == "#")
        attributes = f' class="{classes}"' if classes else ""
        attributes += f' style="{style}"' if style else ""
        return f"<span{attributes}>{escaped}</span>" if attributes else escaped

    def _set(self, codes: list[int]) -> None:
        while codes:
            code = codes.pop(0)
            if code == 0:
                self._flags, self._front, self._back = set(), "", ""
            elif code in _FLAGS:
                self._flags.add(_FLAGS[code])
            elif code in _OFF:
                self._flags -= set(_OFF[code])
            elif code in (38, 48):
                self._set_extended(code, codes)
            else:
                self._set_basic(code)

    def _set_basic(self, code: int) -> None:
        for base, bright, name in ((30, 90, "f"), (40, 100, "k")):
            colour = None
            if base <= code < base + _COLOURS:
                colour = f"{name}{code - base}"
            elif bright <= code < bright + _COLOURS:
                colour = f"{name}{code - bright + _COLOURS}"
            elif code == base + 9:
                colour = ""
            if colour is not None and name == "f":
                self._front = colour
            elif colour is not None:
                self._back = colour

    def _set_extended(self, code: int, codes: list[int]) -> None:
        mode = codes.pop(0) if codes else 0
        count = {5: 1, 2: 3}.get(mode, 0)
        values, codes[:count] = codes[:count], []
        if len(values) < count or not count or max(values) > 255:
            return
        colour = _indexed(values[0], "f" if code == 38 else "k") if mode == 5 else _rgb(*values)
        if code == 38:
            self._front = colour
        else:
            self._back = colour


def _rgb(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"


def _indexed(index: int, name: str) -> str:
    """Give a colour of the 256 that xterm numbers: 16 named, a cube of six levels, greys."""
    if index < 16:
        return f"{name}{index}"
    if index >= 232:
        return _rgb(*[8 + 10 * (index - 232)] * 3)
    levels = [0, 95, 135, 175, 215, 255]
    red, rest = divmod(index - 16, 36)
    return _rgb(levels[red], levels[rest // 6], levels[rest % 6])
