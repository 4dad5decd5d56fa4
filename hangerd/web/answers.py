"""Answers, each with its length and type, so that it leaves whole and is read as what it is."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.web.http import Request

from hangerd.web.delivery import watch_delivery
from hangerd.web.plain import JSON, TEXT, Answer

__all__ = [
    "JSON",
    "TEXT",
    "answer",
    "answer_json",
    "give",
    "give_when",
    "json_answer",
    "refusal_body",
]


def give(request: Request, told: Answer) -> bytes:
    """Set what an answer has on a request; returns the body for Klein to write."""
    if told.settled is not None:
        watch_delivery(request, told.settled)
    for name, value in told.headers:
        request.responseHeaders.setRawHeaders(name, [value])
    return answer(request, told.status, told.body, told.content_type)


def give_when(request: Request, told: Answer | Deferred[Answer]) -> bytes | Deferred[bytes]:
    """Do as `give`, when the answer is there."""
    if isinstance(told, Deferred):
        return told.addCallback(partial(give, request))
    return give(request, told)


def answer(request: Request, status: int, body: bytes = b"", content_type: bytes = TEXT) -> bytes:
    """Set status, type and length; returns the body to write, nothing of it for HEAD."""
    request.setResponseCode(status)
    headers = request.responseHeaders
    if status != 204:
        headers.setRawHeaders(b"Content-Type", [content_type])
        headers.setRawHeaders(b"Content-Length", [b"%d" % len(body)])
    return b"" if request.method == b"HEAD" else body


def json_answer(told: dict[str, Any], status: int = 200) -> Answer:
    """Give an answer that is a JSON object."""
    return Answer(status, json.dumps(told).encode(), JSON)


def answer_json(request: Request, status: int, told: dict[str, Any]) -> bytes:
    """Answer with a JSON object."""
    return give(request, json_answer(told, status))


def refusal_body(status: int, message: str, remedy: str, code: str = "") -> bytes:
    """The JSON of an error: what it is for programs, for people, and what to do about it."""
    return json.dumps(
        {"error": code or f"http_{status}", "message": message, "remedy": remedy}
    ).encode()
