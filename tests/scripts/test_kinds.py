"""HTML, text, or what the script says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.kinds import Kind, KindRule, content_type
from hangerd.scripts.response import Head
from hangerd.scripts.settings import OutputMode


class KindTests(SynchronousTestCase):
    """One rule, decided once."""

    def test_the_first_character_decides(self) -> None:
        for printed, kind in ((b" \n<h1>", "html"), (b"\xef\xbb\xbf<p>", "html"), (b" a<", "text")):
            self.assertEqual(KindRule("auto").decide(Head(), printed), kind)

    def test_white_space_leaves_it_open_until_the_end(self) -> None:
        rule = KindRule("auto")
        self.assertIsNone(rule.decide(Head(), b" \n"))
        self.assertEqual(rule.decide(Head(), b"", last=True), "text")
        self.assertEqual(rule.decide(Head(), b"<p>"), "text")

    def test_not_for_ever(self) -> None:
        self.assertEqual(KindRule("auto").decide(Head(), b"\n" * 100_000), "text")

    def test_settings_and_content_types_win(self) -> None:
        head = Head()
        head.fields["Content-Type"] = "image/png"
        cases: tuple[tuple[OutputMode, Kind, str], ...] = (
            ("auto", "own", "image/png"),
            ("html", "own", "image/png"),
            ("text", "text", "text/plain; charset=utf-8"),
        )
        for mode, kind, sent in cases:
            self.assertEqual(KindRule(mode).decide(head, b"x"), kind)
            self.assertEqual(content_type(kind, head), sent)
        self.assertEqual(KindRule("html").decide(Head(), b"x"), "html")
        self.assertEqual(content_type("html", Head()), "text/html; charset=utf-8")

    @given(st.binary(), st.integers(0, 20))
    def test_pieces_decide_as_the_whole(self, printed: bytes, cut: int) -> None:
        whole = KindRule("auto").decide(Head(), printed, last=True)
        rule = KindRule("auto")
        rule.decide(Head(), printed[:cut])
        if rule.kind is not None and b"\xef" not in printed[:3]:
            self.assertEqual(rule.kind, whole)
