"""What slots answer: each method reads a request, calls the slots, and encodes what they say.

The routes in `routes.py` and the direct road both come here. A slot's token decides which protocol
is spoken: legacy, as the Brython Runner does, or version 2.
"""

from __future__ import annotations

from functools import partial

from twisted.internet.defer import Deferred

from hangerd.config import SlotsSettings
from hangerd.slots.errors import SlotError
from hangerd.slots.hops import Hops
from hangerd.slots.service import SlotsService
from hangerd.slots.slot import Delivery, Pending, Reason, Snapshot, State, Value
from hangerd.web import query
from hangerd.web.answers import json_answer
from hangerd.web.errors import BadRequest
from hangerd.web.plain import Answer, PlainRequest
from hangerd.web.scripts.forms import form_line
from hangerd.web.types import served_type

_LONGEST_TYPE = 255
_NOTHING = Answer(204)


class SlotAnswers:
    """One method for each thing that can be asked of slots.

    Raises, in each of them:
        BadRequest: the request is not understood.
        SlotError: the slots refuse it.
    """

    def __init__(self, slots: SlotsService, settings: SlotsSettings) -> None:
        self._slots = slots
        self._hops = Hops(settings.read_hop, settings.longest_sleep)

    def open(self, request: PlainRequest) -> Answer:
        """Open a slot, for one token or (v=2) for two; with ?value the body fills it."""
        if not request.query:
            return Answer(200, self._slots.open(request.client).read.encode())
        version = query.text(request, "v")
        if version not in {None, "1", "2"}:
            raise BadRequest(f"There is no protocol version {version}.", "Use v=2 or none.")
        ttl = query.seconds(request, "ttl")
        if ttl == 0:
            raise BadRequest("A slot cannot live for 0 seconds.", "Give a ttl above 0.")
        value = _value(request) if query.flag(request, "value") else None
        opened = self._slots.open(request.client, split=version == "2", ttl=ttl, value=value)
        if version != "2":
            return Answer(200, opened.read.encode())
        return json_answer({"read": opened.read, "write": opened.write, "ttl": opened.ttl})

    def write(self, request: PlainRequest, token: str) -> Answer | Deferred[Answer]:
        """Write the body into a slot; version 2 may wait until the reader has it."""
        legacy = self._slots.legacy(token)
        until_acked, timeout, replace = False, 0.0, False
        if request.query:
            until_acked, timeout = self._watching(request)
            replace = query.flag(request, "replace")
        state = self._slots.write(token, _value(request), request.client, replace=replace)
        if legacy:
            return Answer(200, token.encode())
        if not until_acked:
            return json_answer({"state": state})
        try:
            watched = self._slots.watch(token, request.client, timeout)
        except SlotError:
            # The value is in its slot; only the wait was refused.
            return json_answer({"state": state})
        return watched.addCallback(lambda seen: json_answer({"state": seen.state}))

    def answer(self, request: PlainRequest, token: str) -> Answer:
        """Write the field `line` of a form, so that a page without JavaScript can answer.

        The empty answer (204) leaves the page as it is.
        """
        line = form_line(request.read(), request.getHeader(b"Content-Type") or b"")
        value = Value(line.encode(), "text/plain;charset=utf-8")
        self._slots.write(token, value, request.client)
        return _NOTHING

    def read(self, request: PlainRequest, token: str) -> Answer | Deferred[Answer]:
        """Take the value, or hang until there is one; after a hop the client is to ask again."""
        if self._slots.legacy(token):
            hop = query.whole(request, "hop") if request.query else 0
            lease, wait = "", self._hops.read(hop)
        else:
            hop, lease = 0, query.text(request, "lease") or ""
            wait = self._hops.ask(query.seconds(request, "wait"))
        found = self._slots.take(token, request.client, wait=wait, lease=lease)
        if isinstance(found, (Delivery, Pending)):
            return self._answer_read(found, token, hop)
        return found.addCallback(self._answer_read, token, hop)

    def ack(self, request: PlainRequest, token: str) -> Answer:
        """Say that a value has arrived; only then a slot of version 2 is used up."""
        lease = query.text(request, "lease")
        if not lease:
            raise BadRequest("Which lease?", "Give ?lease= with what Hanger-Lease said.")
        self._slots.ack(token, lease, request.client)
        return _NOTHING

    def close(self, request: PlainRequest, token: str) -> Answer:
        """End a slot, for one of the reasons that its readers can tell apart."""
        reason = query.text(request, "reason") or Reason.CANCEL
        if reason not in set(Reason):
            known = ", ".join(Reason)
            raise BadRequest(f"There is no reason {reason[:20]}.", f"Use one of: {known}.")
        self._slots.close(token, Reason(reason), request.client)
        return _NOTHING

    def state(self, request: PlainRequest, token: str) -> Answer | Deferred[Answer]:
        """Look at a slot without its value; with ?wait=acked, when that is so or the wait over."""
        until_acked, timeout = self._watching(request)
        if not until_acked:
            return _told_state(self._slots.state(token, request.client))

        def show(seen: Pending) -> Answer:
            # A legacy slot is forgotten as soon as its value arrived.
            acked = seen.state is State.ACKED
            return _told_state(
                Snapshot(seen.state, 0, None) if acked else self._slots.state(token, request.client)
            )

        return self._slots.watch(token, request.client, timeout).addCallback(show)

    def sleep(self, request: PlainRequest) -> Answer | Deferred[Answer]:
        """Answer after `duration` seconds, in hops as a read does; -1 to what is no duration."""
        try:
            duration, hop = query.seconds(request, "duration"), query.whole(request, "hop")
        except BadRequest:
            duration, hop = None, 0
        if duration is None:
            return Answer(400, b"-1")
        nap = self._hops.sleep(duration, hop)

        def wake(_: None) -> Answer:
            if not nap.again:
                return Answer(200, b"%.2f" % nap.whole)
            return _again(f"?duration={nap.whole!r}&hop={hop + 1}")

        return self._slots.sleep(nap.seconds, request.client).addCallback(wake)

    def _answer_read(self, found: Delivery | Pending, token: str, hop: int) -> Answer:
        if isinstance(found, Pending):
            if self._slots.legacy(token):
                return _again(f"?hop={hop + 1}")
            return Answer(204, headers=[(b"Hanger-State", found.state.encode())])
        value = found.value
        headers = [(b"Hanger-Content-Type", value.content_type.encode("latin-1"))]
        if found.lease:
            lease = f"{found.lease}; seconds={found.seconds:g}"
            headers.insert(0, (b"Hanger-Lease", lease.encode()))
        settled = partial(self._settle, found)
        return Answer(200, value.data, served_type(value.content_type), headers, settled)

    def _settle(self, delivery: Delivery, lost: bool) -> None:
        self._slots.settle(delivery, lost=lost)

    def _watching(self, request: PlainRequest) -> tuple[bool, float]:
        """Whether to wait for the word that the value arrived, and how long."""
        wait = query.text(request, "wait")
        if wait not in {None, "acked"}:
            raise BadRequest("There is nothing else to wait for.", "Use wait=acked or none.")
        return wait is not None, self._hops.ask(query.seconds(request, "timeout"))


def _again(location: str) -> Answer:
    """Send a client to ask again, from where it asked."""
    return Answer(307, headers=[(b"Location", location.encode())])


def _told_state(seen: Snapshot) -> Answer:
    told = {"state": seen.state, "readers": seen.readers, "ttl": seen.ttl}
    return json_answer(told | ({"reason": seen.reason} if seen.reason else {}))


def _value(request: PlainRequest) -> Value:
    """The body as a value, with the type that it says it has."""
    content_type = (request.getHeader(b"Content-Type") or b"").decode("latin-1")
    if len(content_type) > _LONGEST_TYPE:
        raise BadRequest("The Content-Type is too long.", "Send at most 255 characters.")
    return Value(request.read(), content_type)
