"""Tests of `hangerd.web.errors`."""

from __future__ import annotations

import json
from typing import cast

from klein import Klein
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http import Request
from twisted.web.test.requesthelper import DummyRequest
from werkzeug.exceptions import ImATeapot, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from hangerd import errors as base
from hangerd.slots import errors as slots
from hangerd.web.errors import BadRequest, Forbidden, Unauthorized, answer_failure, status_of

# Of each kind that a visitor can cause, one; and its status.
RAISED = (
    (BadRequest("m", "r"), 400),
    (Unauthorized("m", "r"), 401),
    (Forbidden("m", "r"), 403),
    (slots.WrongToken("read"), 403),
    (slots.UnknownSlot(), 404),
    (slots.AlreadyWritten(), 409),
    (slots.TooManyReaders(), 409),
    (slots.LeaseEnded(), 409),
    (slots.SlotEnded("closed", "eof"), 410),
    (slots.ClientFull("m", "r"), 429),
    (slots.TooManyMisses("m", "r", retry_after=3), 429),
    (slots.Full("m", "r"), 503),
    (slots.ShuttingDown(), 503),
)


class StatusTests(SynchronousTestCase):
    def test_each_has_its_own(self) -> None:
        for error, status in RAISED:
            self.assertEqual(status_of(error), status, error)

    def test_every_refusal_of_the_slots_has_one(self) -> None:
        """So that a new exception cannot be forgotten here."""
        leaves, rest = set(), [slots.SlotError]
        while rest:
            kind = rest.pop()
            rest += kind.__subclasses__()
            if not kind.__subclasses__():
                leaves.add(kind)
        self.assertEqual(leaves - {type(error) for error, _ in RAISED}, set())

    def test_what_no_visitor_caused_has_none(self) -> None:
        self.assertIsNone(status_of(base.SettingsError("m", "r")))


class AnswerTests(SynchronousTestCase):
    def answer(self, error: Exception) -> tuple[DummyRequest, dict[str, str]]:
        request = DummyRequest([b""])
        return request, json.loads(answer_failure(cast(Request, request), Failure(error)))

    def header(self, request: DummyRequest, name: str) -> str | None:
        values = request.responseHeaders.getRawHeaders(name)
        return values[0] if values else None

    def test_ours(self) -> None:
        for error, status in RAISED:
            request, told = self.answer(error)
            self.assertEqual(request.responseCode, status)
            self.assertEqual(
                told, {"error": error.code, "message": error.message, "remedy": error.remedy}
            )
            self.assertTrue(error.message)
            self.assertTrue(error.remedy)
            self.assertEqual(
                self.header(request, "Retry-After") is not None, isinstance(error, slots.Refused)
            )
            challenge = self.header(request, "WWW-Authenticate")
            self.assertEqual(challenge is not None, status == 401)

    def test_an_ended_slot_says_how(self) -> None:
        request, _ = self.answer(slots.SlotEnded("closed", "eof"))
        self.assertEqual(self.header(request, "Hanger-State"), "closed")
        self.assertEqual(self.header(request, "Hanger-Closed"), "eof")

    def test_the_routers(self) -> None:
        for error, status in ((NotFound(), 404), (ImATeapot(), 418), (MethodNotAllowed(), 405)):
            request, told = self.answer(error)
            self.assertEqual((request.responseCode, told["error"]), (status, f"http_{status}"))
            self.assertIsNone(self.header(request, "Allow"))
        request, told = self.answer(MethodNotAllowed(["POST", "GET"]))
        self.assertEqual(self.header(request, "Allow"), "GET, POST")
        self.assertIn("GET, POST", told["remedy"])

    def test_a_redirect_is_no_answer(self) -> None:
        """The router asks for one where a path has too many slashes; nothing is there."""
        request, told = self.answer(RequestRedirect("http://elsewhere/"))
        self.assertEqual((request.responseCode, told["error"]), (404, "http_404"))

    def test_what_nobody_foresaw_is_logged_and_not_told(self) -> None:
        for error in (ValueError("secret"), base.SettingsError("secret", "secret")):
            request, told = self.answer(error)
            self.assertEqual((request.responseCode, told["error"]), (500, "http_500"))
            self.assertNotIn("secret", json.dumps(told))
            self.assertEqual(len(self.flushLoggedErrors(type(error))), 1)

    def test_every_app_answers_so(self) -> None:
        from hangerd.web.health import HealthApp
        from hangerd.web.operator.status import StatusApp
        from hangerd.web.slots.routes import SlotsApp

        for app in (HealthApp.app, SlotsApp.app, StatusApp.app):
            assert isinstance(app, Klein)
            self.assertEqual(len(app._error_handlers), 1)
