"""The rules of a head that llhttp keeps too: they hold without it."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http import Request
from twisted.web.test.requesthelper import DummyChannel

from hangerd.web.channel import head
from hangerd.web.channel.errors import (
    HeadersTooLarge,
    MalformedRequest,
    Refused,
    TargetTooLong,
)
from hangerd.web.channel.head import _length, parse_head
from hangerd.web.channel.hooks import introduce
from hangerd.web.channel.limits import Limits
from hangerd.web.channel.reading import Reading
from tests.web.channel.row import get, post
from tests.web.channel.rows import ROWS


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


class RememberedTests(SynchronousTestCase):
    """Short header sections are read once; that changes nothing."""

    def read(self, raw: bytes) -> object:
        try:
            return parse_head(raw)
        except Refused as refused:
            return (type(refused), str(refused))

    def test_as_if_read_each_time(self) -> None:
        heads = {row.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for row in ROWS}
        targets = (b"/", b"/a/b?c=%20&d", b"/*'(x);@", b"*", b"/a#b", b'/"', b"http://b/c")
        methods = (b"GET", b"POST", b"HEAD", b"DELETE", b"PATCH", b"CONNECT", b"get")
        for section in [get().partition(b"\r\n")[2], get(b"X: y").partition(b"\r\n")[2]]:
            for target in targets:
                heads |= {b"%b %b HTTP/1.1\r\n%b" % (each, target, section) for each in methods}
        remembered = {raw: [self.read(raw), self.read(raw)] for raw in heads}
        self.patch(head, "_LONGEST_REMEMBERED", 0)
        for raw in heads:
            self.assertEqual(remembered[raw], [self.read(raw)] * 2, raw)

    def test_requests_have_their_own_headers(self) -> None:
        told = parse_head(get(b"X: y"))
        for _ in range(2):
            channel: Any = DummyChannel()
            request = Request(channel)
            introduce(request, told)
            headers = request.requestHeaders
            self.assertEqual(headers.getRawHeaders(b"X"), [b"y"])
            headers.addRawHeader(b"X", b"z")
            headers.setRawHeaders(b"Host", [b"other"])
        self.assertEqual(told.fields[b"Host"], [b"a"])


class WholeTests(SynchronousTestCase):
    """One request of the usual form is read in one step, to what is read of it in several."""

    def agree(self, raw: bytes, limits: Limits) -> bool:
        """Whether `raw` was read in one step; if it was, it was read alike."""
        whole = Reading(limits).whole(raw)
        if whole is None:
            return False
        reading = Reading(limits)
        reading.receive(raw)
        self.assertEqual(whole, (reading.head(), reading.piece()), raw)
        self.assertEqual((reading.in_body, reading.unread), (False, b""), raw)
        return True

    def test_the_table(self) -> None:
        raws = {row.raw[:end] for row in ROWS for end in range(1, min(len(row.raw) + 1, 400))}
        read = [raw for raw in raws if self.agree(raw, Limits())]
        self.assertGreater(len(read), 30)

    def test_one_request_and_nothing_else(self) -> None:
        one = post(b"Content-Length: 5")
        self.assertTrue(self.agree(one, Limits()))
        for raw in (
            one[:-1],
            one + b"\r\n",
            one + one,
            b"\r\n" + one,
            one.replace(b" /", b" http://b/"),
            one.replace(b"1.1", b"1.0"),
            one.replace(b"5\r", b"05, 5\r"),
            one.replace(b"Host: a", b"Host: a\r\nHost: a"),
            post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
            post(b"X: " + b"y" * 1024, b"Content-Length: 5"),
        ):
            self.assertFalse(self.agree(raw, Limits()), raw)

    def test_within_the_limits(self) -> None:
        one = post(b"Content-Length: 5", b"X: y")
        end = len(one) - 9
        for limits, fits in (
            (Limits(request_line=end, header_bytes=end), True),
            (Limits(request_line=end - 1), False),
            (Limits(header_bytes=end - 1), False),
            (Limits(header_count=3), True),
            (Limits(header_count=2), False),
        ):
            self.assertEqual(self.agree(one, limits), fits, limits)

    def test_the_same_again(self) -> None:
        reading = Reading(Limits())
        one, other = post(b"Content-Length: 5"), post(b"Content-Length: 5", body=b"other")
        long = post(b"Content-Length: 2000", body=b"x" * 2000)
        for raw in (get(), get(), one, one, other, long, long, one, get()):
            self.assertEqual(reading.whole(raw), Reading(Limits()).whole(raw))
        self.assertIs(reading.whole(get()), reading.whole(get()))
        self.assertIsNone(reading.whole(get() * 2))
        self.assertIsNone(reading.whole(get()[:-1]))

    def test_shortest_lines(self) -> None:
        many = get(*[b"a:"] * 30)
        for count, fits in ((31, True), (30, False)):
            self.assertEqual(self.agree(many, Limits(header_count=count)), fits)

    def test_an_empty_line_may_be_before_each(self) -> None:
        reading = Reading(Limits())
        for _ in range(2):
            reading.receive(b"\r\n")
            self.assertIsNone(reading.head())
            self.assertIsNotNone(reading.whole(get()))


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
