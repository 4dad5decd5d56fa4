"""Faults: what a runner says is understood leniently, and callers see one shape."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.errors import WireError
from hangerd.hosts.faults import CallError, Fault, read_fault
from hangerd.hosts.wire import json_payload, parse_json


class Faults(SynchronousTestCase):
    def test_there_and_back(self) -> None:
        cause = {"type": "OSError", "message": "disk"}
        said = {"type": "ValueError", "message": "no", "stack": "at x", "cause": cause}
        fault = read_fault("function", json_payload(said)).at("render", 3)
        shown = parse_json(fault.payload())
        self.assertEqual(
            shown,
            {
                **said,
                "code": "function",
                "host": "render",
                "instance": 3,
                "exit": None,
                "stderr_tail": "",
            },
        )

    def test_odd_faults_are_read_and_non_objects_are_not(self) -> None:
        fault = read_fault(5, json_payload({"type": 1, "cause": "x"}))
        self.assertEqual(fault, Fault("function", "1", ""))
        for payload in (b"", b"[]", b"\xff"):
            self.assertRaises(WireError, read_fault, "function", payload)

    def test_the_exception_says_what_to_do(self) -> None:
        error = CallError(Fault("busy", "Busy", "100 calls wait", retry_after=1.0))
        self.assertEqual(error.message, "Busy: 100 calls wait")
        self.assertIn("retry_after", error.remedy)
        self.assertEqual(error.fault.as_json()["retry_after"], 1.0)
