"""What a host gives bit by bit: the items of a stream, the lines of a log."""

from __future__ import annotations

import json
from typing import Final

from twisted.internet.defer import Deferred

from hangerd.hosts.faults import CallError
from hangerd.hosts.log import HostLog
from hangerd.hosts.replies import Reply, Stream
from hangerd.web.answers import TEXT
from hangerd.web.hosts.calls import envelope, told_fault, wants_envelope, wants_events
from hangerd.web.lines import LineSender, send_lines
from hangerd.web.request import Request

NDJSON: Final = b"application/x-ndjson"
EVENTS: Final = b"text/event-stream"


def send_stream(request: Request, stream: Stream) -> Deferred[bytes]:
    """Answer with one line of JSON (or one event) for each item; a fault is the last one.

    In a line, an item of JSON is itself, unless the client wants envelopes; bytes always have one.
    """
    events, enveloped = wants_events(request), wants_envelope(request)

    def told(reply: Reply) -> bytes:
        plain = reply.type == "json" and not enveloped
        return reply.payload if plain else envelope(reply)

    async def send(sender: LineSender) -> None:
        try:
            async for reply in stream:
                await sender.write(_event(told(reply)) if events else told(reply) + b"\n")
        except CallError as error:
            fault = json.dumps(told_fault(error)).encode()
            await sender.write(_event(fault, b"fault") if events else fault + b"\n")
        else:
            if events:
                await sender.write(_event(b"", b"end"))
        finally:
            stream.close()

    return send_lines(request, EVENTS if events else NDJSON, send)


def send_log(request: Request, log: HostLog, count: int, *, follow: bool) -> Deferred[bytes]:
    """Answer with the last lines of a log, and when followed with what comes, as it comes."""
    events = wants_events(request)

    def told(text: str) -> bytes:
        return _event(text.encode()) if events else f"{text}\n".encode()

    async def send(sender: LineSender) -> None:
        follower = log.follow() if follow else None
        try:
            await sender.write(b"".join(told(str(line)) for line in log.tail(count)))
            while follower is not None and (lines := await follower.read()):
                if follower.missed:
                    await sender.write(told(f"... {follower.missed} lines were too fast"))
                    follower.missed = 0
                await sender.write(b"".join(told(str(line)) for line in lines))
        finally:
            if follower is not None:
                follower.close()

    return send_lines(request, EVENTS if events else TEXT, send)


def _event(data: bytes, name: bytes = b"") -> bytes:
    """One Server-Sent Event."""
    lines = b"".join(b"data: %s\n" % line for line in data.splitlines() or [b""])
    return (b"event: %s\n" % name if name else b"") + lines + b"\n"
