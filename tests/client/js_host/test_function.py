"""Tests of `hangerd.client.js_host`: functions and servers, with answers made here."""

from __future__ import annotations

import json
import sys
import types
import warnings
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.errors import ConnectionLost
from hangerd.client.js_host.base_server import BaseServer
from hangerd.client.js_host.conf import settings
from hangerd.client.js_host.exceptions import (
    ConfigError,
    ConnectionError,
    FunctionError,
    FunctionTimeout,
    UnexpectedResponse,
)
from hangerd.client.js_host.function import Function
from hangerd.client.js_host.js_host import JSHost
from hangerd.client.js_host.requests import Response
from hangerd.client.js_host.utils import verbosity


def status(**config: Any) -> dict[str, Any]:
    known = {"address": "127.0.0.1", "port": 9876, "functions": ["echo"]}
    return {"type": "Host", "version": "0.12.0", "config": known | config}


class Host(JSHost):
    """A host that answers what it is told to; the request is kept."""

    def __init__(self, *answers: Response | BaseException, **config: Any) -> None:
        super().__init__("/x/host.config.js", status=status(**config))
        self.answers = list(answers)
        self.asked: list[Any] = []
        self.has_connected = True

    def _ask(self, *request: Any) -> Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def answer(code: int, text: str) -> Response:
    return Response("http://x/", code, {}, text.encode())


class Complaint(Exception):
    pass


class FunctionTests(SynchronousTestCase):
    def test_what_it_is_made_of(self) -> None:
        class Named(Function):
            name = "named"
            timeout = 3.0

        self.assertEqual((Named().get_name(), Named().get_timeout()), ("named", 3.0))
        function = Function("echo")
        self.assertEqual((function.name, function.host, function.timeout), ("echo", None, None))
        self.assertEqual(function.get_timeout(), 10.0)
        with self.assertRaisesRegex(ConfigError, "Functions require a name argument"):
            Function()

    def test_a_call_is_json_with_its_hash(self) -> None:
        host = Host(answer(200, '{"a": null}'))
        function = Function("echo", host=host, timeout=2.0)
        self.assertEqual(function.call(b=[1]), '{"a": null}')
        [(endpoint, post, params, headers, data, timeout)] = host.asked
        self.assertEqual((endpoint, post, timeout), ("function/echo", True, 2.0))
        self.assertEqual((data, headers["content-type"]), ('{"b": [1]}', "application/json"))
        self.assertEqual(params, {"hash": function.generate_hash(data)})
        self.assertEqual(function.generate_hash("foo"), "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33")
        self.assertEqual(function.serialize_data({"a": [1]}), json.dumps({"a": [1]}))

    def test_what_answers_mean(self) -> None:
        for given, kind, text in (
            (answer(500, "Error: no"), FunctionError, "echo: Error: no"),
            (answer(503, "busy"), UnexpectedResponse, '"echo". 503: busy'),
            (answer(504, "late"), FunctionTimeout, "echo did not answer within 10.0 seconds"),
            (TimeoutError(), FunctionTimeout, "within 10.0 seconds"),
            (ConnectionLost("gone"), ConnectionError, "gone"),
        ):
            with self.assertRaisesRegex(kind, text):
                Function("echo", host=Host(given)).call()
        with self.assertRaisesRegex(Complaint, "^Error: no$"):
            Function("echo", Host(answer(500, "Error: no")), exception_cls=Complaint).call()

    def test_functions_that_the_config_does_not_have(self) -> None:
        with self.assertRaisesRegex(ConfigError, "does not contain a function named other"):
            Function("other", host=Host()).call()
        with self.assertRaisesRegex(ConfigError, "does not have any functions"):
            Function("other", host=Host(functions=[])).call()


class ServerTests(SynchronousTestCase):
    def setUp(self) -> None:
        settings.__dict__["VERBOSITY"] = verbosity.SILENT
        self.addCleanup(settings.__dict__.pop, "VERBOSITY")

    def test_names_and_addresses(self) -> None:
        host = Host()
        self.assertEqual(host.get_name(), "Host [127.0.0.1:9876]")
        self.assertEqual(host.get_url("some/endpoint"), "http://127.0.0.1:9876/some/endpoint")
        host.root_url = "http://other:1"
        self.assertEqual(
            (host.get_url(), host.get_name()), ("http://other:1", "Host [http://other:1]")
        )
        given = BaseServer.__new__(JSHost)
        JSHost.__init__(given, "x.js", status=status(), root_url="http://given:2")
        self.assertEqual(given.get_url("status"), "http://given:2/status")

    def test_who_catches_the_errors_of_requests_catches_these(self) -> None:
        class Theirs(OSError):
            pass

        class TheirTimeout(OSError):
            pass

        module = types.ModuleType("requests.exceptions")
        module.__dict__.update(ConnectionError=Theirs, ReadTimeout=TheirTimeout)
        self.patch(sys, "modules", {**sys.modules, "requests.exceptions": module})
        for given, own, theirs in (
            (ConnectionLost("gone"), ConnectionError, Theirs),
            (TimeoutError("late"), TimeoutError, TheirTimeout),
        ):
            for kind in (own, theirs):
                with self.assertRaisesRegex(kind, str(given)):
                    Host(given).send_request("status")

    def test_a_status_is_checked(self) -> None:
        for wrong in (
            {**status(), "version": "1.0.0"},
            {**status(), "type": "Manager"},
            {**status(), "config": None},
            {**status(), "config": {"address": "x"}},
            {**status(), "config": {"port": 1}},
        ):
            with self.assertRaises(ConfigError):
                JSHost("x.js", status=wrong)

    def test_connecting_needs_the_same_status(self) -> None:
        host = Host(answer(200, json.dumps(status())), answer(200, "[]"), TimeoutError())
        host.has_connected = False
        with self.assertRaisesRegex(ConnectionError, "Call `connect"):
            host.send_request("status")
        host.connect()
        self.assertTrue(host.has_connected)
        self.assertFalse(host.is_running())
        self.assertFalse(host.is_running())
        other = Host(answer(200, json.dumps(status(port=1))))
        with self.assertRaisesRegex(ConnectionError, "another host is there"):
            other.connect()

    def test_another_version_is_warned_about(self) -> None:
        host = Host(answer(200, json.dumps({**status(), "version": "0.13.0"})))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.assertFalse(host.is_running())
        self.assertIn("Expected 0.12.0 but found 0.13.0", str(caught[0].message))

    def test_without_a_manager_it_is_not_ours_to_start(self) -> None:
        host = Host()
        for act in (host.start, host.stop, host.restart, host.disconnect):
            with self.assertRaises(NotImplementedError):
                act()
