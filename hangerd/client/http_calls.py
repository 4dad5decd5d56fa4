"""Calls over HTTP, for daemons that are elsewhere: the same values, streams and errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from hangerd.client.calls import GRACE, Value
from hangerd.client.errors import ConnectionLost, call_error
from hangerd.client.faults import fault_of
from hangerd.client.http1 import Answer, target_of
from hangerd.client.http_links import Streamed, Web, check
from hangerd.client.pipes import Io
from hangerd.client.values import Arguments
from hangerd.hosts.faults import Fault

_TYPES: Final[Mapping[str, str]] = {
    "json": "application/json",
    "bytes": "application/octet-stream",
    "pickle": "application/x-python-pickle",
}
_STREAM: Final = "application/x-ndjson"
_LONGEST_LINE: Final = 256 * 1024 * 1024


class HttpCalls:
    """Functions of the hosts of one daemon."""

    def __init__(self, io: Io, web: Web) -> None:
        self._io = io
        self._web = web

    async def call(
        self, host: str, function: str, arguments: Arguments, timeout: float | None
    ) -> Value | LineItems:
        """Call a function, as `Door.call`."""
        target, headers = _asked(host, function, arguments, timeout)
        deadline = self._io.now() + timeout + GRACE if timeout else None
        try:
            answer = await self._web.open(
                "POST", target, body=arguments.payload, headers=headers, deadline=deadline
            )
            kind = answer.answer.headers.get("content-type", "").partition(";")[0]
            if kind == _STREAM and answer.answer.status == 200:
                return LineItems(answer, deadline)
            return _value(await answer.rest(deadline))
        except TimeoutError:
            raise call_error(Fault("timeout", "Timeout", "no answer came in time")) from None
        except ConnectionLost as error:
            raise call_error(Fault("died", "ConnectionLost", error.message)) from None


def _asked(
    host: str, function: str, arguments: Arguments, timeout: float | None
) -> tuple[str, dict[str, str]]:
    """Return the target and the headers of a call."""
    header = arguments.header
    accepted = ["application/json"]
    if header.get("accept") == "pickle":
        accepted.append(_TYPES["pickle"])
    headers = {
        "Content-Type": _TYPES[header.get("type", "json")],
        "Accept": ", ".join(accepted),
    }
    query = {"timeout": timeout, "as": header.get("as")}
    return target_of("hosts", host, "function", function, **query), headers


def _value(answer: Answer) -> Value:
    """Return the value in an envelope. Raises CallError, Refused or NotAllowed."""
    check(answer)
    return _enveloped(json.loads(bytes(answer.body)))


def _enveloped(told: Mapping[str, Any]) -> Value:
    kind, value = str(told["type"]), told["value"]
    if kind == "json":
        return kind, json.dumps(value).encode()
    return kind, base64.b64decode(value)


class LineItems:
    """A stream over HTTP: a line of JSON for each value, a fault as the last."""

    def __init__(self, answer: Streamed, deadline: float | None) -> None:
        self._answer = answer
        self._deadline = deadline
        self._begun = b""
        self._lines: list[bytes] = []

    async def next(self) -> Value | None:
        """Return the next value, or None after the last. Raises CallError."""
        while not self._lines:
            try:
                chunk = await self._answer.chunk(self._deadline)
            except TimeoutError:
                self.close()
                raise call_error(Fault("timeout", "Timeout", "no value came in time")) from None
            except ConnectionLost as error:
                raise call_error(Fault("died", "ConnectionLost", error.message)) from None
            if not chunk:
                return None
            *lines, self._begun = (self._begun + chunk).split(b"\n")
            self._lines = lines[::-1]
        told = json.loads(self._lines.pop())
        if "fault" in told:
            raise call_error(fault_of(told["fault"]))
        return _enveloped(told)

    def close(self) -> None:
        """Want no more; the function is cancelled."""
        self._answer.close()
