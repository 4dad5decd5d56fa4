from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.files.conditions import Validators, Verdict, range_holds, verdict

SEND, SAME, FAILED = Verdict.SEND, Verdict.NOT_MODIFIED, Verdict.FAILED

# the file of the examples: RFC 9110's own date
FILE = Validators(etag="v1", modified=784111777)
THEN = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"

CASES: list[tuple[dict[str, str], Verdict]] = [
    ({}, SEND),
    # If-None-Match: weak comparison, a list, or the star
    ({"if-none-match": '"v1"'}, SAME),
    ({"if-none-match": 'W/"v1"'}, SAME),
    ({"if-none-match": '"v0", "v1"'}, SAME),
    ({"if-none-match": '"v0","v1","v2"'}, SAME),
    ({"if-none-match": '"v0", W/"v1"'}, SAME),
    ({"if-none-match": "*"}, SAME),
    ({"if-none-match": " * "}, SAME),
    ({"if-none-match": '"v2"'}, SEND),
    ({"if-none-match": '"V1"'}, SEND),
    ({"if-none-match": '"v1x"'}, SEND),
    ({"if-none-match": '"x, v1"'}, SEND),
    ({"if-none-match": ""}, SEND),
    ({"if-none-match": '"'}, SEND),
    # If-Modified-Since: by the second, in all three formats of a date
    ({"if-modified-since": THEN}, SAME),
    ({"if-modified-since": AFTER}, SAME),
    ({"if-modified-since": BEFORE}, SEND),
    ({"if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT"}, SAME),
    ({"if-modified-since": "Sun Nov  6 08:49:37 1994"}, SAME),
    ({"if-modified-since": "Sun Nov  6 08:49:36 1994"}, SEND),
    ({"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}, SAME),
    ({"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"}, SEND),
    ({"if-modified-since": "Fri, 01 Jan 1904 00:00:00 GMT"}, SEND),
    ({"if-modified-since": "Sun, 06 Nov 2094 08:49:37 +0100"}, SEND),  # no HTTP-date
    ({"if-modified-since": "784111777"}, SEND),
    ({"if-modified-since": "tomorrow"}, SEND),
    ({"if-modified-since": ""}, SEND),
    ({"if-modified-since": ","}, SEND),
    ({"if-modified-since": "Sun, 06 Foo 1994 08:49:37 GMT"}, SEND),
    ({"if-modified-since": "\xe9"}, SEND),
    # If-None-Match wins over If-Modified-Since
    ({"if-none-match": '"v2"', "if-modified-since": AFTER}, SEND),
    ({"if-none-match": '"v1"', "if-modified-since": BEFORE}, SAME),
    # If-Match: strong comparison
    ({"if-match": '"v1"'}, SEND),
    ({"if-match": '"v0", "v1"'}, SEND),
    ({"if-match": "*"}, SEND),
    ({"if-match": '"v2"'}, FAILED),
    ({"if-match": 'W/"v1"'}, FAILED),
    ({"if-match": ""}, FAILED),
    # If-Unmodified-Since
    ({"if-unmodified-since": THEN}, SEND),
    ({"if-unmodified-since": AFTER}, SEND),
    ({"if-unmodified-since": BEFORE}, FAILED),
    ({"if-unmodified-since": "tomorrow"}, SEND),
    # If-Match wins over If-Unmodified-Since
    ({"if-match": '"v1"', "if-unmodified-since": BEFORE}, SEND),
    ({"if-match": '"v2"', "if-unmodified-since": AFTER}, FAILED),
    # both steps: first whether it may be sent, then whether it is known
    ({"if-match": '"v1"', "if-none-match": '"v1"'}, SAME),
    ({"if-match": '"v2"', "if-none-match": '"v1"'}, FAILED),
    ({"if-unmodified-since": THEN, "if-modified-since": THEN}, SAME),
    ({"if-unmodified-since": BEFORE, "if-none-match": '"v1"'}, FAILED),
]

RANGE_CASES: list[tuple[str | None, bool]] = [
    (None, True),
    ('"v1"', True),
    (' "v1" ', True),
    ('"v2"', False),
    ('W/"v1"', False),  # a weak tag never holds
    ('"v1", "v2"', False),
    ("v1", False),
    (THEN, True),
    ("Sun Nov  6 08:49:37 1994", True),
    (AFTER, False),  # the date must be the same, not merely later
    (BEFORE, False),
    ("", False),
]


class VerdictTests(SynchronousTestCase):
    def test_cases(self) -> None:
        for headers, expected in CASES:
            self.assertEqual((headers, verdict(FILE, headers.get)), (headers, expected))

    @given(st.text(st.characters(max_codepoint=255), max_size=60))
    def test_no_header_raises(self, text: str) -> None:
        for name in ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since"):
            self.assertIn(verdict(FILE, {name: text}.get), Verdict)

    def test_dates_of_any_shape(self) -> None:
        for text in ("Sun, 06 Nov 99999999999999999999 08:49:37 GMT", "Sun, 06 Nov 1994 8 GMT"):
            self.assertIn(verdict(FILE, {"if-modified-since": text}.get), Verdict)


class IfRangeTests(SynchronousTestCase):
    def test_cases(self) -> None:
        for value, expected in RANGE_CASES:
            self.assertEqual((value, range_holds(FILE, value)), (value, expected))
