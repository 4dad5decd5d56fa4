"""Slots over HTTP, protocol version 2: what is read is acknowledged, so that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from hangerd.client.errors import ConnectionLost, SlotClosed
from hangerd.client.http1 import Answer, target_of
from hangerd.client.http_links import Web, check, told
from hangerd.client.pipes import Io

Value = str | bytes
_HOP: Final = 25.0  # seconds that one request waits at most
_SLACK: Final = 10.0  # seconds beyond that until the daemon is taken for gone
_TEXT: Final = "text/plain;charset=utf-8"
_BYTES: Final = "application/octet-stream"


class SlotCore:
    """One slot, by the tokens that this program has of it; "" for one that it has not."""

    def __init__(self, io: Io, web: Web, read: str, write: str) -> None:
        self._io = io
        self._web = web
        self.read_token = read
        self.write_token = write

    async def write(self, value: Value, *, replace: bool, wait: float) -> bool:
        """Put a value in; True when its reader has said within `wait` seconds that it came.

        Raises SlotClosed; Refused when there is a value already, and `replace` does not say that
        it may be lost.
        """
        data, kind = (value.encode(), _TEXT) if isinstance(value, str) else (value, _BYTES)
        until = self._io.now() + wait
        hop = min(wait, _HOP)
        query = {"replace": replace, **_until_acked(hop)}
        answer = await self._ask(self.write_token, "write", query, data, kind, patience=hop)
        state = told(answer)["state"]
        while state != "acked" and (left := until - self._io.now()) > 0:
            state = (await self.state(wait=left))["state"]
        return bool(state == "acked")

    async def read(self, timeout: float | None) -> Value:
        """Wait for a value, take it and say that it came. Raises SlotClosed, TimeoutError."""
        until = None if timeout is None else self._io.now() + timeout
        while True:
            left = _HOP if until is None else min(_HOP, max(0.0, until - self._io.now()))
            try:
                query = {"wait": round(left, 3)}
                answer = await self._ask(self.read_token, "read", query, patience=left)
            except ConnectionLost:  # a value that was on its way comes again with its lease's end
                answer = None
            if answer is not None and answer.status == 200 and await self._acked(answer):
                kind = answer.headers.get("hanger-content-type", "")
                data = bytes(answer.body)
                return data.decode() if kind.startswith("text/") else data
            if until is not None and self._io.now() >= until:
                raise TimeoutError("nothing was written in time")

    async def _acked(self, answer: Answer) -> bool:
        """Say that a value came; False when that was too late, and it will come again."""
        lease = answer.headers.get("hanger-lease", "").partition(";")[0]
        said = await self._ask(self.read_token, "ack", {"lease": lease})
        return said.status == 204

    async def close(self, reason: str) -> None:
        """End the slot: "eof", "interrupt" or "cancel". One that has ended already is no error."""
        token = self.write_token or self.read_token
        try:
            await self._ask(token, "close", {"reason": reason})
        except SlotClosed:
            return

    async def state(self, *, wait: float = 0.0) -> dict[str, Any]:
        """Look at the slot; with `wait`, when its value was acknowledged or the time is over."""
        hop = min(wait, _HOP)
        query = {"wait": "acked", "timeout": round(hop, 3)} if wait else {}
        token = self.write_token or self.read_token
        deadline = self._io.now() + hop + _SLACK
        answer = await self._web.ask(
            "GET", target_of("hanger", token, "", **query), deadline=deadline
        )
        _check_open(answer)
        found: dict[str, Any] = told(answer)
        return found

    async def _ask(
        self,
        token: str,
        what: str,
        query: Mapping[str, object],
        body: bytes = b"",
        kind: str = _BYTES,
        patience: float = 0.0,
    ) -> Answer:
        if not token:
            raise ValueError(f"this program has no token that may {what} the slot")
        target = target_of("hanger", token, what, "", **query)
        deadline = self._io.now() + patience + _SLACK
        headers = {"Content-Type": kind}
        try:
            answer = await self._web.ask(
                "POST", target, body=body, headers=headers, deadline=deadline
            )
        except TimeoutError:
            raise ConnectionLost("the daemon does not answer", "Look at it.") from None
        _check_open(answer)
        if answer.status != 409 or what != "ack":
            check(answer)
        return answer


def _until_acked(wait: float) -> dict[str, object]:
    return {"wait": "acked", "timeout": round(wait, 3)} if wait else {}


def _check_open(answer: Answer) -> None:
    """Raise SlotClosed for a slot that has ended or is unknown."""
    if answer.status == 410:
        raise SlotClosed(answer.headers.get("hanger-closed", "closed"))
    if answer.status == 404 and b"unknown_slot" in answer.body:
        raise SlotClosed("unknown")


async def open_slot(io: Io, web: Web, ttl: float | None) -> SlotCore:
    """Open a slot. Raises Refused when there are too many."""
    answer = await web.ask("POST", target_of("hanger", "open", "", v=2, ttl=ttl))
    check(answer)
    opened = json.loads(bytes(answer.body))
    return SlotCore(io, web, opened["read"], opened["write"])
