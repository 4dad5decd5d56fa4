"""What wrk says."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.contest import NotMeasured
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
