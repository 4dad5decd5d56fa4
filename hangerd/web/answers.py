"""Answers, each with its length and type, so that it leaves whole and is read as what it is."""

from __future__ import annotations

import json
from typing import Any

from twisted.web.http import Request

TEXT = b"text/plain; charset=utf-8"
JSON = b"application/json"


def answer(request: Request, status: int, body: bytes = b"", content_type: bytes = TEXT) -> bytes:
    """Set status, type and length; returns the body for Klein to write."""
    request.setResponseCode(status)
    headers = request.responseHeaders
    if status != 204:
        headers.setRawHeaders(b"Content-Type", [content_type])
        headers.setRawHeaders(b"Content-Length", [b"%d" % len(body)])
    return body


def answer_json(request: Request, status: int, told: dict[str, Any]) -> bytes:
    """Answer with a JSON object."""
    return answer(request, status, json.dumps(told).encode(), JSON)


def refusal_body(status: int, message: str, remedy: str, code: str = "") -> bytes:
    """The JSON of an error: what it is for programs, for people, and what to do about it."""
    return json.dumps(
        {"error": code or f"http_{status}", "message": message, "remedy": remedy}
    ).encode()
