"""From exceptions to answers: the one place that gives what the domain refuses an HTTP status."""

from __future__ import annotations

from typing import Any, cast

from klein import Klein
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import Request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from hangerd.errors import HangerdError
from hangerd.hosts import errors as hosts
from hangerd.slots import errors as slots
from hangerd.web.answers import give, refusal_body
from hangerd.web.plain import JSON, Answer

_log = Logger()


class BadRequest(HangerdError):
    """What the client sent cannot be understood."""

    code = "bad_request"


class Forbidden(HangerdError):
    """The client may not do that."""

    code = "forbidden"


class Conflict(HangerdError):
    """The daemon's state does not allow that now."""

    code = "conflict"


class Unauthorized(HangerdError):
    """The request lacks a token that is needed, or has a wrong one."""

    code = "unauthorized"


# The first that fits; so the special come before the general.
_STATUS: tuple[tuple[type[HangerdError], int], ...] = (
    (BadRequest, 400),
    (Unauthorized, 401),
    (Forbidden, 403),
    (Conflict, 409),
    (hosts.SpecError, 400),
    (hosts.HostUnknown, 404),
    (hosts.NotKept, 507),
    (slots.UnknownSlot, 404),
    (slots.WrongToken, 403),
    (slots.AlreadyWritten, 409),
    (slots.TooManyReaders, 409),
    (slots.LeaseEnded, 409),
    (slots.SlotEnded, 410),
    (slots.ClientFull, 429),
    (slots.TooManyMisses, 429),
    (slots.Full, 503),
    (slots.ShuttingDown, 503),
)


def status_of(error: HangerdError) -> int | None:
    """The status that says what this exception says; None for one that no visitor caused."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), None)


def error_answer(error: HangerdError) -> Answer:
    """The answer to what the domain refused; 500 where no status says it."""
    status = status_of(error) or 500
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(error, slots.Refused):
        headers.append((b"Retry-After", b"%d" % error.retry_after))
    if isinstance(error, slots.SlotEnded):
        headers.append((b"Hanger-State", error.state.encode()))
        headers.append((b"Hanger-Closed", error.reason.encode()))
    if isinstance(error, Unauthorized):
        headers.append((b"WWW-Authenticate", b'Bearer realm="hangerd"'))
    body = refusal_body(status, error.message, error.remedy, error.code)
    return Answer(status, body, JSON, headers)


def _routing_answer(error: HTTPException) -> Answer:
    """The answer to what Klein's router found no route for, without Werkzeug's HTML."""
    # The router would redirect where there are slashes too many; such a path is just none of ours.
    status = 404 if isinstance(error, RequestRedirect) else error.code or 500
    message, remedy = "There is nothing here.", "See the documentation for the paths there are."
    headers = []
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        allowed = ", ".join(sorted(error.valid_methods))
        headers.append((b"Allow", allowed.encode()))
        message, remedy = "This method is not for this path.", f"Use one of: {allowed}."
    return Answer(status, refusal_body(status, message, remedy), JSON, headers)


def failure_answer(failure: Failure) -> Answer:
    """The answer to what was raised; what nobody foresaw is logged, and the visitor not told."""
    error = failure.value
    if isinstance(error, HangerdError) and status_of(error) is not None:
        return error_answer(error)
    if isinstance(error, HTTPException):
        return _routing_answer(error)
    _log.failure("answering a request failed", failure)
    body = refusal_body(500, "The server failed at this.", "Try again; tell its operator.")
    return Answer(500, body, JSON)


def answer_error(request: Request, error: HangerdError) -> bytes:
    """Answer with what the domain refused."""
    return give(request, error_answer(error))


def answer_failure(request: Request, failure: Failure) -> bytes:
    """Answer what was raised."""
    return give(request, failure_answer(failure))


def answer_errors_of(app: Klein) -> None:
    """Have a Klein app answer by the rules here what its routes raise."""

    def answer_raised(_: object, request: Request, failure: Failure) -> bytes:
        return answer_failure(request, failure)

    # Klein types a handler's request as IRequest, which has less than ours.
    app.handle_errors(Exception)(cast(Any, answer_raised))
