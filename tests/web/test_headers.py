from __future__ import annotations

from typing import cast

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IRequest
from twisted.web.test.requesthelper import DummyRequest

from hangerd.web.headers import accepts_html, header, preferred_coding


def read(*lines: bytes) -> str | None:
    request = DummyRequest([b""])
    request.requestHeaders.setRawHeaders(b"accept", lines)
    return header(cast(IRequest, request), "accept")


class HeaderTests(SynchronousTestCase):
    def test_absent(self) -> None:
        self.assertIsNone(read())

    def test_lines_become_a_list(self) -> None:
        self.assertEqual(read(b"a/b", b"c/d"), "a/b, c/d")

    def test_any_byte_can_be_read(self) -> None:
        self.assertEqual(read(b"\xff\xfe"), "\xff\xfe")


class AcceptsHtmlTests(SynchronousTestCase):
    def test_who_asks_for_a_page(self) -> None:
        browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        for accept in (
            browser,
            "text/html",
            "TEXT/HTML",
            "a/b, text/html;q=0.1",
            "text/html;level=1",
        ):
            self.assertTrue(accepts_html(accept), accept)

    def test_who_does_not(self) -> None:
        for accept in (
            None,
            "",
            "*/*",
            "text/*",
            "text/html;q=0",
            "application/json",
            "text/htmlx",
        ):
            self.assertFalse(accepts_html(accept), accept)


class PreferredCodingTests(SynchronousTestCase):
    CASES = (
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.9", "gzip"),
        ("GZIP", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0", None),
        ("deflate", None),
        ("gzip;q=x", None),
    )

    def test_cases(self) -> None:
        for accept, expected in self.CASES:
            self.assertEqual((accept, preferred_coding(accept, ("br", "gzip"))), (accept, expected))

    def test_nothing_offered(self) -> None:
        self.assertIsNone(preferred_coding("gzip", ()))
