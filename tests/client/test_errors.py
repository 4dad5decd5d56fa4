"""Tests of `hangerd.client.errors`: which exception a fault is, and what its traceback shows."""

from __future__ import annotations

import traceback

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client import errors
from hangerd.client.errors import call_error
from hangerd.hosts.faults import Fault


class CallErrorTests(SynchronousTestCase):
    def test_each_code_has_its_exception(self) -> None:
        for code, kind in (
            ("function", errors.RemoteError),
            ("no_function", errors.UnknownFunction),
            ("no_host", errors.UnknownHost),
            ("encoding", errors.ArgumentsRefused),
            ("pickle", errors.NotAllowed),
            ("denied", errors.NotAllowed),
            ("cancelled", errors.CallCancelled),
            ("start", errors.HostFailed),
            ("died", errors.HostGone),
            ("timeout", errors.CallTimeout),
            ("busy", errors.Busy),
            ("of tomorrow", errors.CallError),
        ):
            error = call_error(Fault(code, "T", "m"))
            self.assertIsInstance(error, kind)
            self.assertEqual((error.fault.code, error.message), (code, "T: m"))

    def test_a_timeout_is_pythons_too(self) -> None:
        self.assertIsInstance(call_error(Fault("timeout", "T", "m")), TimeoutError)

    def test_the_traceback_shows_the_remote_stack_and_the_last_lines(self) -> None:
        fault = Fault("function", "E", "m", stack="at remote.js:1\n", host="h", stderr_tail="boo\n")
        text = "".join(traceback.format_exception(call_error(fault)))
        self.assertIn("in h:\nat remote.js:1\n", text)
        self.assertIn("the last lines of h:\nboo\n", text)
