"""Terminal text as HTML: escaped, coloured, and the same however it is cut."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.scripts.ansi import AnsiText

PIECES = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["\x1b[31m", "\x1b[0m", "\x1b[1;4m", "\x1b[38;5;200m", "\x1b[48;2;1;2;3m"]),
        st.sampled_from(["\r", "\n", "\r\n", "\x1b", "\x1b[", "\x1b[2J", "\x1b[3", "<", "&"]),
    )
)


def shown(text: str) -> str:
    ansi = AnsiText()
    return ansi.feed(text) + ansi.end()


class AnsiTests(SynchronousTestCase):
    """What becomes of text and of control sequences."""

    def test_text_is_escaped(self) -> None:
        self.assertEqual(shown("<b> & 'c'"), "&lt;b&gt; &amp; 'c'")

    def test_colours_and_styles(self) -> None:
        for sequence, attributes in (
            ("31", ' class="f1"'),
            ("92", ' class="f10"'),
            ("44", ' class="k4"'),
            ("101", ' class="k9"'),
            ("1;3;4", ' class="b i u"'),
            ("2;7;9", ' class="d v x"'),
            ("1;22", ""),
            ("31;39", ""),
            ("41;49", ""),
            ("31;0", ""),
            ("", ""),
            ("38;5;9", ' class="f9"'),
            ("48;5;4", ' class="k4"'),
            ("38;5;196", ' style="color:#ff0000"'),
            ("48;5;255", ' style="background:#eeeeee"'),
            ("38;2;1;2;255", ' style="color:#0102ff"'),
            ("38:2:1:2:3", ' style="color:#010203"'),
            ("38;5;999", ""),
            ("38;2;1", ""),
            ("38", ""),
            ("38;9;1", ' class="b"'),
            ("73", ""),
        ):
            expected = f"<span{attributes}>x</span>" if attributes else "x"
            self.assertEqual(shown(f"\x1b[{sequence}mx"), expected, sequence)

    def test_all_of_it_can_have_a_class(self) -> None:
        self.assertEqual(AnsiText("e").feed("\x1b[31mx"), '<span class="e f1">x</span>')

    def test_other_controls_leave_no_trace(self) -> None:
        self.assertEqual(shown("a\x1b[2Jb\x1b[?25lc\x07d\x1bMe\x00"), "abcde")

    def test_what_is_too_long_is_text(self) -> None:
        """No sequence is waited for without end, and no number is too large to read."""
        ansi = AnsiText()
        digits = "1" * 5000
        pieces = [ansi.feed("\x1b["), *(ansi.feed(digits) for _ in range(3)), ansi.feed("m")]
        self.assertEqual("".join(pieces), "[" + digits * 3 + "m")
        self.assertEqual(shown(f"\x1b[{'1' * 99}mx"), "x")

    def test_lines_and_returns(self) -> None:
        self.assertEqual(shown("a\nb\r\nc"), "a</s>\n<s>b</s>\n<s>c")
        self.assertEqual(shown("1 %\r2 %"), '1 %</s><s class="r">2 %')
        self.assertEqual(shown("1 %\r"), '1 %</s><s class="r">')

    @given(PIECES, st.data())
    def test_cuts_change_nothing(self, pieces: list[str], data: st.DataObject) -> None:
        text = "".join(pieces)
        cut = data.draw(st.integers(0, len(text)))
        ansi = AnsiText()
        parts = ansi.feed(text[:cut]) + ansi.feed(text[cut:]) + ansi.end()
        joined = re.compile(r"</span><span[^>]*>|<span[^>]*>|</span>")
        self.assertEqual(joined.sub("", parts), joined.sub("", shown(text)))

    @given(PIECES)
    def test_nothing_but_ours_is_markup(self, pieces: list[str]) -> None:
        opening = r'<span( class="[a-z0-9 ]+")?( style="[a-z0-9:;#]+")?>'
        left = re.sub(opening, "", shown("".join(pieces)))
        left = re.sub(r'</span>|</s>\n<s>|</s><s class="r">', "", left)
        self.assertNotIn("<", left)
        self.assertNotIn("\x1b", left)
