from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.files.ranges import MAX_PIECES, NotSatisfiableError, Piece, pieces_of

UNSATISFIABLE = "416"

# header, size of the file, what RFC 9110 section 14 makes of it
CASES: list[tuple[str, int, list[tuple[int, int]] | str | None]] = [
    ("bytes=0-0", 10, [(0, 1)]),
    ("bytes=0-9", 10, [(0, 10)]),
    ("bytes=0-10", 10, [(0, 10)]),  # clamped
    ("bytes=0-99999", 6, [(0, 6)]),  # clamped, where the seed said 416
    ("bytes=5-", 10, [(5, 5)]),
    ("bytes=9-9", 10, [(9, 1)]),
    ("bytes=9-", 10, [(9, 1)]),
    ("bytes=-1", 10, [(9, 1)]),
    ("bytes=-10", 10, [(0, 10)]),
    ("bytes=-11", 10, [(0, 10)]),  # longer than the file: all of it
    ("bytes=10-", 10, UNSATISFIABLE),
    ("bytes=10-20", 10, UNSATISFIABLE),
    ("bytes=-0", 10, UNSATISFIABLE),
    ("bytes=5-0", 10, None),  # last before first is no range: the seed answered 5-5
    ("bytes=5-4", 10, None),
    ("bytes=", 10, None),
    ("bytes=-", 10, None),
    ("bytes=,", 10, None),
    ("bytes=a-b", 10, None),
    ("bytes=1", 10, None),
    ("bytes=+1-2", 10, None),
    ("bytes=1_0-2_0", 100, None),
    ("bytes=0x1-2", 10, None),
    ("bytes=1 -2", 10, None),
    ("bytes=--1", 10, None),
    ("bytes=1-2-3", 10, None),
    ("bytes=٣-٤", 10, None),  # digits, but not ASCII ones
    ("bytes 0-1", 10, None),
    ("lines=0-1", 10, None),
    ("0-1", 10, None),
    ("", 10, None),
    ("BYTES=0-1", 10, [(0, 2)]),  # units know no case
    (" bytes=0-1", 10, [(0, 2)]),
    ("bytes=0-1,3-4", 10, [(0, 2), (3, 2)]),
    ("bytes=0-1 , 3-4", 10, [(0, 2), (3, 2)]),
    ("bytes=,0-1,,3-4,", 10, [(0, 2), (3, 2)]),
    ("bytes=0-0,-1", 10, [(0, 1), (9, 1)]),
    ("bytes=8-9,0-1", 10, [(8, 2), (0, 2)]),  # in the order asked for
    ("bytes=0-1,20-30", 10, [(0, 2)]),  # one that fits is enough
    ("bytes=20-30,40-50", 10, UNSATISFIABLE),
    ("bytes=0-1,x", 10, None),
    ("bytes=0-1,5-2", 10, None),
    ("bytes=0-9,0-9", 10, None),  # twice the whole: once will do
    ("bytes=0-,0-,0-", 10, None),
    ("bytes=" + ",".join(f"{n}-{n}" for n in range(MAX_PIECES)), 100, [(n, 1) for n in range(16)]),
    ("bytes=" + ",".join(f"{n}-{n}" for n in range(MAX_PIECES + 1)), 100, None),
    ("bytes=0-", 0, UNSATISFIABLE),
    ("bytes=0-0", 0, UNSATISFIABLE),
    ("bytes=-5", 0, None),  # satisfiable, but no Content-Range can say it
    ("bytes=-0", 0, UNSATISFIABLE),
    ("bytes=0-9223372036854775807", 10, [(0, 10)]),
    ("bytes=" + "9" * 40 + "-", 10, None),
]


class PiecesTests(SynchronousTestCase):
    def test_cases(self) -> None:
        for text, size, expected in CASES:
            self.assertEqual((text, size, self.outcome(text, size)), (text, size, expected))

    def outcome(self, text: str, size: int) -> list[tuple[int, int]] | str | None:
        try:
            pieces = pieces_of(text, size)
        except NotSatisfiableError:
            return UNSATISFIABLE
        return None if pieces is None else [(piece.start, piece.size) for piece in pieces]

    def test_content_range(self) -> None:
        self.assertEqual(Piece(5, 3).content_range(10), "bytes 5-7/10")

    @given(st.text("0123456789-,= bytesx", max_size=40), st.integers(0, 50))
    def test_never_more_than_the_file(self, text: str, size: int) -> None:
        for header in (text, "bytes=" + text):
            try:
                pieces = pieces_of(header, size) or []
            except NotSatisfiableError:
                continue
            for piece in pieces:
                self.assertTrue(0 <= piece.start < piece.start + piece.size <= size)
            self.assertLessEqual(sum(piece.size for piece in pieces), size)
