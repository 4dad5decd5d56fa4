"""What the channel calls on a request, in this order; and how a request takes its body as it comes.

1. The head is whole. `method`, `uri`, `path`, `args` (of the query), `clientproto` and
   `requestHeaders` are set, cookies are parsed. `headersReceived()` is called where a request has
   it. True says: process now, and hand me the body while it arrives.
2. `gotLength(length)`: bytes, 0 without a body, None when it is chunked. Until here a request may
   set `channel.body_limit` (bytes, None for no limit); beyond it the channel answers 413.
3. `process()`, if step 1 said True. `100 Continue` is sent after it, unless the answer has begun.
4. `handleContentChunk(data)` for each piece, as it arrives.
5. `bodyReceived()` if step 1 said True; else `requestReceived(method, uri, version)`, which
   processes the request as with Twisted's channel.

A request without a body whose steps are Twisted's own is processed at once, as these would.

From within each of them `channel.refuse(status, message, remedy[, headers])` ends the request
with an answer, and the connection after it. An answer finished before its body is whole ends the
connection too.
"""

from __future__ import annotations

from typing import Any, Protocol

from twisted.web import server
from twisted.web.http import Request, parse_qs

from hangerd.web.channel.head import Head


class TakesBodyAsItComes(Protocol):
    """A request with the two calls that Twisted's channel does not know."""

    def headersReceived(self) -> bool:
        """Say whether to process now and take the body piece by piece."""
        ...

    def bodyReceived(self) -> None:
        """Know that the body is whole. Called only when `headersReceived` said True."""
        ...


def introduce(request: Request, head: Head) -> None:
    """Set on `request` what its head says."""
    method, target, version, fields, _, persistent, _ = head
    request.method = method
    request.uri = target
    request.clientproto = version
    request.path, has_query, query = target.partition(b"?")
    request.args = parse_qs(query, 1) if has_query else {}
    lines = request.requestHeaders._rawHeaders
    for name, values in fields.items():
        lines[name] = values[:]  # the head's are not to be changed
    if b"Cookie" in fields:
        request.parseCookies()
    if not persistent and version == b"HTTP/1.1":
        request.responseHeaders.setRawHeaders(b"Connection", [b"close"])


def is_plain(request: Request, site: Any) -> bool:
    """Whether steps 2 and 5 are Twisted's own.

    Without a body they then make an empty `content`, set again what `introduce` set, and process.
    """
    made = type(request)
    return (
        made.requestReceived is Request.requestReceived
        and made.gotLength is server.Request.gotLength
        and not hasattr(site, "getContentFile")
    )
