"""The slots over HTTP: each route decodes a request, calls the slots, and encodes what they say.

A slot's token decides which protocol is spoken: legacy, as the Brython Runner does, or version 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from klein import Klein
from twisted.internet.defer import Deferred
from werkzeug.exceptions import NotFound

from hangerd.config import SlotsSettings
from hangerd.slots.errors import SlotError
from hangerd.slots.hops import Hops
from hangerd.slots.service import SlotsService
from hangerd.slots.slot import Delivery, Pending, Reason, Snapshot, State, Value
from hangerd.web import query
from hangerd.web.answers import answer, answer_json
from hangerd.web.clients import Clients
from hangerd.web.delivery import watch_delivery
from hangerd.web.errors import BadRequest, answer_errors_of
from hangerd.web.forms import form_line
from hangerd.web.request import Request
from hangerd.web.types import served_type

_LONGEST_TYPE = 255


class SlotsApp:
    """The routes under /hanger/."""

    app = Klein()
    # Werkzeug would redirect where there is // within a path; a redirect is no answer to a slot's
    # client. At the beginning it leaves them out, which is good: the Brython Runner asks for
    # /hanger//open/ when its address of us was written with a slash at the end.
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
        self._hops = Hops(settings.read_hop, settings.longest_sleep)
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
        try:
            watched = self._slots.watch(token, client, timeout)
        except SlotError:
            # The value is in its slot; only the wait was refused.
            return answer_json(request, 200, {"state": state})
        return watched.addCallback(lambda seen: answer_json(request, 200, {"state": seen.state}))

    @app.route("/<string(length=16):token>/answer/", methods=["POST"], strict_slashes=False)
    def answer(self, request: Request, token: str) -> bytes:
        """Write the field `line` of a form, so that a page without JavaScript can answer.

        The empty answer (204) leaves the page as it is.
        """
        line = form_line(request.content.read(), request.getHeader(b"Content-Type") or b"")
        value = Value(line.encode(), "text/plain;charset=utf-8")
        self._slots.write(token, value, self._clients.address(request))
        return answer(request, 204)

    @app.route("/<string(length=16):token>/read/", methods=["POST"], strict_slashes=False)
    def read(self, request: Request, token: str) -> Deferred[bytes]:
        """Take the value, or hang until there is one; after a hop the client is to ask again."""
        client = self._clients.address(request)
        if self._slots.legacy(token):
            hop = query.whole(request, "hop")
            lease, wait = "", self._hops.read(hop)
        else:
            hop, lease = 0, query.text(request, "lease") or ""
            wait = self._hops.ask(query.seconds(request, "wait"))
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
        nap = self._hops.sleep(duration, hop)

        def wake(_: None) -> bytes:
            if not nap.again:
                return answer(request, 200, b"%.2f" % nap.whole)
            again = f"?duration={nap.whole!r}&hop={hop + 1}"
            request.responseHeaders.setRawHeaders(b"Location", [again.encode()])
            return answer(request, 307)

        return self._slots.sleep(nap.seconds, self._clients.address(request)).addCallback(wake)

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
        return answer(request, 200, value.data, served_type(value.content_type))

    def _value(self, request: Request) -> Value:
        """The body as a value, with the type that it says it has."""
        content_type = (request.getHeader(b"Content-Type") or b"").decode("latin-1")
        if len(content_type) > _LONGEST_TYPE:
            raise BadRequest("The Content-Type is too long.", "Send at most 255 characters.")
        return Value(request.content.read(), content_type)

    def _watching(self, request: Request) -> tuple[bool, float]:
        """Whether to wait for the word that the value arrived, and how long."""
        wait = query.text(request, "wait")
        if wait not in {None, "acked"}:
            raise BadRequest("There is nothing else to wait for.", "Use wait=acked or none.")
        return wait is not None, self._hops.ask(query.seconds(request, "timeout"))
