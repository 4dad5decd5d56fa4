"""Tests of `hangerd.web.scripts.forms`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.errors import BadRequest
from hangerd.web.scripts.forms import form_line

ENCODED = b"application/x-www-form-urlencoded"


class FormTests(SynchronousTestCase):
    def test_urlencoded(self) -> None:
        for body, line in (
            (b"line=a+b%C3%A9", "a bé"),
            (b"other=1&line=x", "x"),
            (b"line=", ""),
            (b"line=a%0D%0Ab", "a\r\nb"),
        ):
            for content_type in (ENCODED, b"", b"multipart/form-data"):
                self.assertEqual(form_line(body, content_type), line)

    def test_plain(self) -> None:
        for body, line in (
            (b"line=a=b\r\n", "a=b"),
            (b"line=", ""),
            ("line=é".encode(), "é"),
            (b"other=1\r\nline=x\r\nlast=y\r\n", "x"),
            (b"line=x\nother=1\n", "x"),
            (b"online=1\r\nline=x\r\n", "x"),
        ):
            for content_type in (b"text/plain", b"TEXT/Plain; charset=utf-8", b" text/plain "):
                self.assertEqual(form_line(body, content_type), line, body)

    def test_no_such_forms(self) -> None:
        for body, content_type in (
            (b"", ENCODED),
            (b"other=1", ENCODED),
            (b"line=1&line=2", ENCODED),
            (b"line=\xff", ENCODED),
            (b"line=%ff", ENCODED),
            (b"line=x&other=%C3", ENCODED),
            (b"a&" * 20 + b"line=x", ENCODED),
            (b"line=\xff", b"text/plain"),
            (b"line=1\r\nline=2\r\n", b"text/plain"),
            (b"other=x\r\n", b"text/plain"),
            (b"line", b"text/plain"),
        ):
            self.assertRaises(BadRequest, form_line, body, content_type)

    def test_only_text_plain_is_read_as_that(self) -> None:
        self.assertEqual(form_line(b"line=a+b", b"text/plainly"), "a b")

    @given(st.binary(max_size=60), st.sampled_from([ENCODED, b"text/plain"]))
    def test_anything(self, body: bytes, content_type: bytes) -> None:
        try:
            self.assertIsInstance(form_line(b"line=" + body, content_type), str)
        except BadRequest as error:
            self.assertTrue(error.remedy)
