"""The rules of a head that llhttp keeps too: they hold without it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.channel.errors import HeadersTooLarge, MalformedRequest, TargetTooLong
from hangerd.web.channel.head import _length, parse_head
from hangerd.web.channel.limits import Limits
from hangerd.web.channel.reading import Reading
from tests.web.channel.row import get


class HeadTests(SynchronousTestCase):
    def test_lengths(self) -> None:
        for lengths in ([b"5", b"5"], [b"5 5"], [b""], [b"+5"], [b"5, 5"]):
            with self.assertRaises(MalformedRequest):
                _length(b"HTTP/1.1", {b"Content-Length": lengths})

    def test_two_lengths(self) -> None:
        with self.assertRaises(MalformedRequest):
            _length(b"HTTP/1.1", {b"Content-Length": [b"5"], b"Transfer-Encoding": [b"chunked"]})

    def test_no_end(self) -> None:
        with self.assertRaises(MalformedRequest):
            parse_head(get()[:-2])

    def test_two_heads(self) -> None:
        with self.assertRaises(MalformedRequest):
            parse_head(get() * 2)


class LimitsTests(SynchronousTestCase):
    """The same byte is the first too many, whether the head is whole or not."""

    limits = Limits(request_line=20, header_bytes=30)

    def accepted(self, raw: bytes) -> int:
        """Give how many bytes were taken one by one."""
        reading = Reading(self.limits)
        for at in range(len(raw)):
            reading.receive(raw[at : at + 1])
            try:
                reading.head()
            except (TargetTooLong, HeadersTooLarge):
                return at
        return len(raw)

    def test_request_line(self) -> None:
        fits = b"GET /23456 HTTP/1.1\r\nHost: a\r\n\r\n"
        self.assertEqual(len(fits.partition(b"\r\n")[0]), 19)
        self.assertEqual(self.accepted(fits), len(fits))
        fits = fits.replace(b"/", b"/1", 1)
        self.assertEqual(self.accepted(fits), len(fits))
        self.assertEqual(self.accepted(fits.replace(b"/", b"/1", 1)), 21)

    def test_request_line_that_came_whole(self) -> None:
        reading = Reading(self.limits)
        reading.receive(b"GET /" + b"x" * 30 + b" HTTP/1.1\r\nHost: a")
        with self.assertRaises(TargetTooLong):
            reading.head()

    def test_header_bytes(self) -> None:
        fits = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 16 + b"\r\n\r\n"
        self.assertEqual(self.accepted(fits), len(fits))
        self.assertLess(self.accepted(fits.replace(b"y", b"yy", 1)), len(fits) + 1)

    def test_no_piece_without_a_body(self) -> None:
        self.assertEqual(Reading(self.limits).piece(), b"")
