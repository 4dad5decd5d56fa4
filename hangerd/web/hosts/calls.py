"""Calls of hosts over HTTP: a request to what is called, and what comes back to an answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, get_args

from pydantic_core import from_json

from hangerd.hosts.calls import Passing, PayloadType
from hangerd.hosts.calls import Request as CallRequest
from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.replies import Reply
from hangerd.hosts.spec import Spec
from hangerd.web import query
from hangerd.web.errors import BadRequest
from hangerd.web.plain import JSON, TEXT, Answer, Headed, PlainRequest

CALL_LIMIT: Final = 10 * 1024 * 1024
"""The largest body of a call, in bytes."""

_FEW: Final = 64  # headers that are remembered with what they say: programs send the same again
_TYPES: Final[Mapping[str, PayloadType]] = {
    "application/json": "json",
    "application/octet-stream": "bytes",
    "application/x-python-pickle": "pickle",
}
_PASSING: Final = get_args(Passing)
_STATUS: Final[Mapping[str, int]] = {
    "function": 500,
    "no_function": 404,
    "no_host": 404,
    "arguments": 400,
    "encoding": 500,
    "pickle": 415,
    "cancelled": 503,
    "stopping": 503,
    "start": 503,
    "died": 502,
    "timeout": 504,
    "busy": 503,
    "failed": 503,
    "denied": 403,
}


def read_call(request: PlainRequest, function: str, spec: Spec) -> CallRequest:
    """What a POST to /function/... asks for.

    A body of another type than JSON, bytes or pickle is nothing, as with js-host. `?timeout=` is
    in seconds; `?as=arguments` says that the body is {"args": [...], "kwargs": {...}}.

    Raises:
        BadRequest: a parameter is not understood.
    """
    kind = _payload_type(request.getHeader(b"Content-Type") or b"")
    timeout: float | None = spec.call_timeout
    passing: Passing = "value"
    if request.query:
        passing = _passing(request)
        timeout = query.seconds(request, "timeout")
        if timeout is None:
            timeout = spec.call_timeout
    return CallRequest(
        function=function,
        payload=b"" if kind is None else request.read(),
        type=kind or "json",
        passing=passing,
        accept="pickle" if _accepts(request, "application/x-python-pickle") else "json",
        timeout=timeout or None,
    )


def _passing(request: PlainRequest) -> Passing:
    passing = query.text(request, "as") or "value"
    if passing not in _PASSING:
        raise BadRequest(f"There is no way {passing[:20]} to pass it.", "Use value or arguments.")
    return "arguments" if passing == "arguments" else "value"


@lru_cache(_FEW)
def _payload_type(content_type: bytes) -> PayloadType | None:
    essence = content_type.decode("latin-1").partition(";")[0]
    return _TYPES.get(essence.strip().lower())


def wants_envelope(request: Headed) -> bool:
    """Whether the client asked for results and faults with their types."""
    return _accepts(request, "application/json")


def wants_events(request: Headed) -> bool:
    """Whether the client asked for a stream as Server-Sent Events."""
    return _accepts(request, "text/event-stream")


def _accepts(request: Headed, kind: str) -> bool:
    return kind in _accepted(request.getHeader(b"Accept") or b"")


@lru_cache(_FEW)
def _accepted(accept: bytes) -> frozenset[str]:
    """The types that a header lists."""
    listed = accept.decode("latin-1").lower().split(",")
    return frozenset(each.partition(";")[0].strip() for each in listed)


def envelope(reply: Reply) -> bytes:
    """A value with its type, as JSON; bytes and pickles are in base64."""
    if reply.type == "json":
        return b'{"type":"json","value":%s}' % reply.payload
    told = {"type": reply.type, "value": base64.b64encode(reply.payload).decode()}
    return json.dumps(told).encode()


def reply_answer(request: Headed, reply: Reply) -> Answer:
    """The answer that is one value: a text as text, as js-host does, all else as what it is."""
    if wants_envelope(request):
        return Answer(200, envelope(reply), JSON)
    if reply.type == "bytes":
        return Answer(200, reply.payload, b"application/octet-stream")
    if reply.type == "pickle":
        return Answer(200, reply.payload, b"application/x-python-pickle")
    if reply.payload.startswith(b'"'):
        return Answer(200, _text(reply.payload).encode(), TEXT)
    return Answer(200, reply.payload, JSON)


def _text(payload: bytes) -> str:
    """Read a text by pydantic's parser, which takes a fifteenth of the time of json's.

    What it refuses is json's to judge, which takes half of a surrogate pair too.
    """
    try:
        text: str = from_json(payload)
    except ValueError:
        text = json.loads(payload)
    return text


def fault_answer(request: Headed, error: CallError) -> Answer:
    """Say why a call failed: the stack as text, as js-host does, or all of it as JSON."""
    fault = error.fault
    headers = []
    if fault.retry_after is not None:
        headers.append((b"Retry-After", b"%d" % max(1, fault.retry_after)))
    status = _STATUS.get(fault.code, 500)
    if wants_envelope(request):
        return Answer(status, json.dumps(told_fault(error)).encode(), JSON, headers)
    return Answer(status, _fault_text(fault).encode(), TEXT, headers)


def told_fault(error: CallError) -> dict[str, Any]:
    """A fault as the JSON of an error."""
    return {
        "error": error.fault.code,
        "message": error.message,
        "remedy": error.remedy,
        "fault": error.fault.as_json(),
    }


def _fault_text(fault: Fault) -> str:
    if fault.code == "no_function":
        return fault.message
    text = fault.stack or f"{fault.type}: {fault.message}"
    return f"{text}\n{fault.stderr_tail}" if fault.stderr_tail else text
