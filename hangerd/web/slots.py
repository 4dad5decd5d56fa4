"""The slots over HTTP: each route decodes a request, calls the slots, and encodes what they say.

A slot's token decides which protocol is spoken: legacy, as the Brython Runner does, or version 2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import parse_qs

from klein import Klein
from twisted.internet.defer import Deferred
from werkzeug.exceptions import NotFound

from hangerd.config import SlotsSettings
from hangerd.slots.service import SlotsService
from hangerd.slots.slot import Delivery, Pending, Reason, Snapshot, State, Value
from hangerd.web import query
from hangerd.web.answers import TEXT, answer, answer_json
from hangerd.web.clients import Clients
from hangerd.web.delivery import watch_delivery
from hangerd.web.errors import BadRequest, answer_errors_of
from hangerd.web.request import Request

# A synchronous XHR in Chromium follows 20 redirects and fails at the next.
MOST_HOPS = 19
# What a browser's form or a program without a content type sends is text too.
_TEXT_TYPES = ("", "text/", "application/x-www-form-urlencoded")
_LONGEST_TYPE = 255


class SlotsApp:
    """The routes under /hanger/."""

    app = Klein()
    # Werkzeug would redirect //; a redirect is no answer to a slot's client.
    app.url_map.merge_slashes = False
    answer_errors_of(app)

    def __init__(
        self,
        slots: SlotsService,
        settings: SlotsSettings,
        clients: Clients,
        pages: Mapping[str, bytes],
    ) -> None:
        self._pages = pages
        self._slots = slots
        self._settings = settings
        self._clients = clients

    @app.route("/open/", methods=["POST"], strict_slashes=False)
    def open(self, request: Request) -> bytes:
        """Open a slot, for one token or (v=2) for two; with ?value the body fills it."""
        version = query.text(request, "v")
        if version not in {None, "1", "2"}:
            raise BadRequest(f"There is no protocol version {version}.", "Use v=2 or none.")
        ttl = query.seconds(request, "ttl")
        if ttl == 0:
            raise BadRequest("A slot cannot live for 0 seconds.", "Give a ttl above 0.")
        value = self._value(request) if query.flag(request, "value") else None
        opened = self._slots.open(
            self._clients.address(request), split=version == "2", ttl=ttl, value=value
        )
        if version != "2":
            return answer(request, 200, opened.read.encode())
        told = {"read": opened.read, "write": opened.write, "ttl": opened.ttl}
        return answer_json(request, 200, told)

    @app.route("/<string(length=16):token>/write/", methods=["POST"], strict_slashes=False)
    def write(self, request: Request, token: str) -> bytes | Deferred[bytes]:
        """Write the body into a slot; version 2 may wait until the reader has it."""
        legacy = self._slots.legacy(token)
        until_acked, timeout = self._watching(request)
        client = self._clients.address(request)
        replace = query.flag(request, "replace")
        state = self._slots.write(token, self._value(request), client, replace=replace)
        if legacy:
            return answer(request, 200, token.encode())
        if not until_acked:
            return answer_json(request, 200, {"state": state})
        watched = self._slots.watch(token, client, timeout)
        return watched.addCallback(lambda seen: answer_json(request, 200, {"state": seen.state}))

    @app.route("/<string(length=16):token>/answer/", methods=["POST"], strict_slashes=False)
    def answer(self, request: Request, token: str) -> bytes:
        """Write the field `line` of a form, so that a page without JavaScript can answer.

        The empty answer (204) leaves the page as it is.
        """
        value = Value(_form_line(request).encode(), "text/plain;charset=utf-8")
        self._slots.write(token, value, self._clients.address(request))
        return answer(request, 204)

    @app.route("/<string(length=16):token>/read/", methods=["POST"], strict_slashes=False)
    def read(self, request: Request, token: str) -> Deferred[bytes]:
        """Take the value, or hang until there is one; after a hop the client is to ask again."""
        client = self._clients.address(request)
        if self._slots.legacy(token):
            hop = query.whole(request, "hop")
            lease, wait = "", self._hop(hop)
        else:
            hop, lease = 0, query.text(request, "lease") or ""
            wait = self._longest(query.seconds(request, "wait"))
        found = self._slots.read(token, client, wait=wait, lease=lease)
        return found.addCallback(self._answer_read, request, token, hop)

    @app.route("/<string(length=16):token>/ack/", methods=["POST"], strict_slashes=False)
    def ack(self, request: Request, token: str) -> bytes:
        """Say that a value has arrived; only then a slot of version 2 is used up."""
        lease = query.text(request, "lease")
        if not lease:
            raise BadRequest("Which lease?", "Give ?lease= with what Hanger-Lease said.")
        self._slots.ack(token, lease, self._clients.address(request))
        return answer(request, 204)

    @app.route("/<string(length=16):token>/close/", methods=["POST"], strict_slashes=False)
    def close(self, request: Request, token: str) -> bytes:
        """End a slot, for one of the reasons that its readers can tell apart."""
        reason = query.text(request, "reason") or Reason.CANCEL
        if reason not in set(Reason):
            known = ", ".join(Reason)
            raise BadRequest(f"There is no reason {reason[:20]}.", f"Use one of: {known}.")
        self._slots.close(token, Reason(reason), self._clients.address(request))
        return answer(request, 204)

    @app.route("/<string(length=16):token>/", methods=["DELETE"], strict_slashes=False)
    def delete(self, request: Request, token: str) -> bytes:
        """End a slot, as `close` does."""
        return self.close(request, token)

    @app.route("/<string(length=16):token>/", methods=["GET"], strict_slashes=False)
    def state(self, request: Request, token: str) -> bytes | Deferred[bytes]:
        """Look at a slot without its value; with ?wait=acked, when that is so or the wait over."""
        until_acked, timeout = self._watching(request)
        client = self._clients.address(request)

        def show(seen: Snapshot) -> bytes:
            told = {"state": seen.state, "readers": seen.readers, "ttl": seen.ttl}
            return answer_json(
                request, 200, told | ({"reason": seen.reason} if seen.reason else {})
            )

        def show_watched(seen: Pending) -> bytes:
            # A legacy slot is forgotten as soon as its value arrived.
            acked = seen.state is State.ACKED
            return show(
                Snapshot(seen.state, 0, None) if acked else self._slots.state(token, client)
            )

        if not until_acked:
            return show(self._slots.state(token, client))
        return self._slots.watch(token, client, timeout).addCallback(show_watched)

    @app.route("/<name>.js", methods=["GET"])
    def page(self, request: Request, name: str) -> bytes:
        """One of our JavaScript modules."""
        source = self._pages.get(f"{name}.js")
        if source is None:
            raise NotFound
        return answer(request, 200, source, b"text/javascript; charset=utf-8")

    @app.route("/sleep/", methods=["GET"], strict_slashes=False)
    def sleep(self, request: Request) -> bytes | Deferred[bytes]:
        """Answer after `duration` seconds, in hops as a read does; -1 to what is no duration."""
        try:
            duration, hop = query.seconds(request, "duration"), query.whole(request, "hop")
        except BadRequest:
            duration, hop = None, 0
        if duration is None:
            return answer(request, 400, b"-1")
        whole = min(duration, self._settings.longest_sleep)
        left = max(0.0, whole - hop * self._settings.read_hop)
        most = self._hop(hop)
        if most is None or left <= most:
            now, status, body = left, 200, b"%.2f" % whole
        else:
            now, status, body = most, 307, b""
            again = f"?duration={whole!r}&hop={hop + 1}".encode()
            request.responseHeaders.setRawHeaders(b"Location", [again])
        slept = self._slots.sleep(now, self._clients.address(request))
        return slept.addCallback(lambda _: answer(request, status, body))

    def _answer_read(
        self, found: Delivery | Pending, request: Request, token: str, hop: int
    ) -> bytes:
        headers = request.responseHeaders
        if isinstance(found, Pending):
            if self._slots.legacy(token):
                headers.setRawHeaders(b"Location", [b"?hop=%d" % (hop + 1)])
                return answer(request, 307)
            headers.setRawHeaders(b"Hanger-State", [found.state.encode()])
            return answer(request, 204)
        watch_delivery(request, lambda lost: self._slots.settle(found, lost=lost))
        if found.lease:
            lease = f"{found.lease}; seconds={found.seconds:g}"
            headers.setRawHeaders(b"Hanger-Lease", [lease.encode()])
        value = found.value
        headers.setRawHeaders(b"Hanger-Content-Type", [value.content_type.encode("latin-1")])
        return answer(request, 200, value.data, _served_type(value.content_type))

    def _value(self, request: Request) -> Value:
        """The body as a value, with the type that it says it has."""
        content_type = (request.getHeader(b"Content-Type") or b"").decode("latin-1")
        if len(content_type) > _LONGEST_TYPE:
            raise BadRequest("The Content-Type is too long.", "Send at most 255 characters.")
        return Value(request.content.read(), content_type)

    def _hop(self, hop: int) -> float | None:
        """How long a legacy request waits before its next hop; None when it has had its hops."""
        return self._settings.read_hop if self._settings.read_hop and hop < MOST_HOPS else None

    def _longest(self, asked: float | None) -> float:
        """How long a request of version 2 waits: as asked, but no longer than a hop."""
        most = self._settings.read_hop or self._settings.longest_sleep
        return min(math.inf if asked is None else asked, most)

    def _watching(self, request: Request) -> tuple[bool, float]:
        """Whether to wait for the word that the value arrived, and how long."""
        wait = query.text(request, "wait")
        if wait not in {None, "acked"}:
            raise BadRequest("There is nothing else to wait for.", "Use wait=acked or none.")
        return wait is not None, self._longest(query.seconds(request, "timeout"))


def _served_type(content_type: str) -> bytes:
    """The type to answer with: text, or bytes that no browser will interpret."""
    essence = content_type.split(";", maxsplit=1)[0].strip().lower()
    text = essence == "" or essence.startswith(_TEXT_TYPES[1:])
    return TEXT if text else b"application/octet-stream"


def _form_line(request: Request) -> str:
    """The field `line` of a form that was sent as urlencoded or text/plain.

    Raises:
        BadRequest: it is not there just once, or is not UTF-8.
    """
    body: bytes = request.content.read()
    try:
        if (request.getHeader(b"Content-Type") or b"").startswith(b"text/plain"):
            name, _, line = body.decode().partition("=")
            lines = [line.removesuffix("\n").removesuffix("\r")] if name == "line" else []
        else:
            form = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=10)
            lines = form.get("line", [])
    except ValueError:
        raise BadRequest("This form cannot be read.", "Send it as UTF-8, urlencoded.") from None
    if len(lines) != 1:
        raise BadRequest("The form has not one field named line.", "Send line=... once.")
    return lines[0]
