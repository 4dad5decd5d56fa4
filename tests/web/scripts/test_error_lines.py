"""Standard error in the log: whole lines, printable, and not without end."""

from __future__ import annotations

from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.scripts.error_lines import LONGEST_LINE, MOST_LINES, ErrorLines


class ErrorLinesTests(SynchronousTestCase):
    def logged(self, *pieces: bytes) -> list[str]:
        with capturedLogs() as events:
            lines = ErrorLines("/a.py", "17")
            for piece in pieces:
                lines.write(piece)
            lines.close()
        self.said = [formatEvent(event) for event in events]
        return [event["line"] for event in events]

    def test_lines_from_pieces(self) -> None:
        snowman = "☃".encode()
        pieces = (b"one\ntw", b"o\r\n\n" + snowman[:1], snowman[1:], b"end")
        self.assertEqual(self.logged(*pieces), ["one", "two", "", "☃end"])
        self.assertEqual(self.said[0], "/a.py: one [17]")

    def test_nothing_is_logged_of_nothing(self) -> None:
        self.assertEqual(self.logged(b""), [])

    def test_what_cannot_be_printed(self) -> None:
        told = self.logged(b"\x1b[31m\ta\rb\xff\xe2\x80\xa8{x}", b"\xe2")
        self.assertEqual(told, ["\\x1b[31m\ta\\rb\\xff\\u2028{x}\\xe2"])

    def test_long_lines_are_cut(self) -> None:
        long = b"a" * (2 * LONGEST_LINE + 1)
        for pieces in ((long, b"\nb"), (long + b"\nb",)):
            told = self.logged(*pieces)
            self.assertEqual([len(line) for line in told], [LONGEST_LINE, LONGEST_LINE, 1, 1])

    def test_there_is_an_end(self) -> None:
        told = self.logged(b"x\n" * 2 * MOST_LINES)
        self.assertEqual(len(told), MOST_LINES)
        self.assertIn("not logged", told[-1])
