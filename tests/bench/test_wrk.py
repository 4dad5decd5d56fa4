"""What wrk says."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.contest import NotMeasured
from bench.loads.http import body_length
from bench.options import parse
from bench.wrk import Said, read

SAID = """Running 1s test @ http://127.0.0.1:1/
  1 threads and 10 connections
  Latency Distribution
     50%  361.00us
     75%  421.00us
     90%    1.27ms
     99%    1.50s
  27219 requests in 1.10s, 3.12MB read
Requests/sec:  24757.44
"""


class WrkTests(SynchronousTestCase):
    """Its report."""

    def test_rate_and_percentiles_in_milliseconds(self) -> None:
        self.assertEqual(read(SAID), Said(24757.44, 0.361, 1500.0, 27219))

    def test_refused_requests_are_no_result(self) -> None:
        refused = "  Non-2xx or 3xx responses: 12\n"
        self.assertRaises(NotMeasured, read, SAID + refused)

    def test_no_answers_are_no_result(self) -> None:
        self.assertRaises(NotMeasured, read, "unable to connect to 127.0.0.1:1")
        self.assertRaises(NotMeasured, read, SAID.replace("24757.44", "0.00"))


class BodyLengthTests(SynchronousTestCase):
    """How much of a body has come."""

    def test_whole_bodies(self) -> None:
        self.assertEqual(body_length(b"HTTP/1.1 200 OK\r\n\r\nabc"), 3)
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertEqual(body_length(chunked + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 5)

    def test_bodies_that_were_cut_off(self) -> None:
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertEqual(body_length(chunked + b"3\r\nabc\r\n5\r\nde"), 5)
        self.assertEqual(body_length(b""), 0)


class OptionsTests(SynchronousTestCase):
    """The command line."""

    def test_suites_by_name(self) -> None:
        self.assertEqual(parse(["--only", "slots,channel"]).only, ("slots", "channel"))
        self.assertEqual(len(parse([]).only), 4)
