"""Tests of `hangerd.web.query`."""

from __future__ import annotations

import math
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web import query
from hangerd.web.errors import BadRequest
from hangerd.web.target import parse_query


class Asked:
    """As much of a request as is read here."""

    def __init__(self, found: str | bytes) -> None:
        told = found if isinstance(found, bytes) else found.encode("ascii")
        self.query = parse_query(b"/path?" + told)


def asked(found: str | bytes) -> query.Asked:
    return Asked(found)


class TextTests(SynchronousTestCase):
    def test_values(self) -> None:
        for found, value in (
            ("", None),
            ("other=1", None),
            ("name", ""),
            ("name&other", ""),
            ("name=", ""),
            ("name=a+b%20c", "a b c"),
            ("name=%C3%A9", "é"),
            ("name=a=b", "a=b"),
            ("n%61me=x", "x"),
            ("name=a;b", "a;b"),
            ("name=?", "?"),
            (b"name=\xc3\xa9", "é"),
        ):
            self.assertEqual(query.text(asked(found), "name"), value, found)

    def test_no_query(self) -> None:
        self.assertEqual(parse_query(b"/path"), {})
        self.assertIsNone(query.text(asked(""), "name"))

    def test_twice(self) -> None:
        error = self.assertRaises(BadRequest, query.text, asked("name=1&name=1"), "name")
        self.assertIn("name", error.message)

    def test_no_utf8(self) -> None:
        for found in ("name=%ff", b"name=\xff", "name=%ed%a0%80"):
            self.assertRaises(BadRequest, query.text, asked(found), "name")
            self.assertIsNone(query.text(asked(found), "other"))

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_comes_as_it_was_meant(self, value: str) -> None:
        self.assertEqual(query.text(asked("name=" + quote(value, safe="")), "name"), value)

    @given(st.binary(max_size=50))
    def test_anything_is_read_or_told(self, raw: bytes) -> None:
        for read in (query.text, query.flag, query.seconds, query.whole):
            try:
                read(asked(raw), "a")
            except BadRequest as error:
                self.assertTrue(error.remedy)


class FlagTests(SynchronousTestCase):
    def test_flags(self) -> None:
        for found, value in (("", False), ("name", True), ("name=", True), ("name=1", True)):
            self.assertEqual(query.flag(asked(found), "name"), value)
        self.assertFalse(query.flag(asked("name=0"), "name"))


class SecondsTests(SynchronousTestCase):
    def test_seconds(self) -> None:
        for found, value in (("", None), ("s=0", 0.0), ("s=2.5", 2.5), ("s=1e3", 1000.0)):
            self.assertEqual(query.seconds(asked(found), "s"), value)

    def test_none(self) -> None:
        for bad in ("s", "s=", "s=x", "s=-1", "s=nan", "s=inf", "s=-0", "s=1&s=1", "s=+-0"):
            error = self.assertRaises(BadRequest, query.seconds, asked(bad), "s")
            self.assertIn(" s ", error.message)

    @given(st.floats(min_value=0.0, max_value=1e300))
    def test_any_number(self, value: float) -> None:
        self.assertEqual(query.finite(repr(value)), value)

    @given(st.text(max_size=40))
    def test_finite(self, given_text: str) -> None:
        value = query.finite(given_text)
        if value is not None:
            self.assertTrue(math.isfinite(value))
            self.assertGreaterEqual(math.copysign(1.0, value), 1.0)

    def test_what_float_would_take(self) -> None:
        for bad in ("1_0", "infinity", "NaN", "1e309", "-0.0", "٣", "1" * 33, "", " "):
            self.assertIsNone(query.finite(bad), bad)


class WholeTests(SynchronousTestCase):
    def test_whole(self) -> None:
        for found, value in (("", 0), ("n=0", 0), ("n=007", 7), ("n=999999999", 999_999_999)):
            self.assertEqual(query.whole(asked(found), "n"), value)

    def test_none(self) -> None:
        for bad in ("n", "n=", "n=-1", "n=1.0", "n=x", "n=1&n=2", "n=1234567890", "n=%D9%A3"):
            self.assertRaises(BadRequest, query.whole, asked(bad), "n")
