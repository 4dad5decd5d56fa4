"""One program at the door: what it may do, and its calls, leases and tickets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from hangerd.hosts.calls import Accepted, Call, Passing, PayloadType, Request
from hangerd.hosts.errors import HostUnknown, WireError
from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.host import Host
from hangerd.hosts.link import ENDS
from hangerd.hosts.report import overall
from hangerd.hosts.service import HostsService
from hangerd.hosts.wire import Frame, encode, json_payload

EVERYTHING: Final = "*"
_MAX_WINDOW: Final = 65536
_TYPES: Final = get_args(PayloadType)
_PASSING: Final = get_args(Passing)
_ACCEPTED: Final = get_args(Accepted)


class Relay:
    """A caller that gives every frame to the visitor, under the visitor's own id."""

    def __init__(self, visitor: Visitor, number: int) -> None:
        self._visitor = visitor
        self._number = number
        self.call: Call | None = None

    def answered(self, frame: Frame) -> None:
        """Pass a piece on."""
        if frame.op in ENDS and not frame.more:
            self._visitor.relays.pop(self._number, None)
        self._visitor.send({**frame.header, "id": self._number}, frame.payload, self.call)

    def failed(self, fault: Fault) -> None:
        """Pass the daemon's fault on."""
        self._visitor.relays.pop(self._number, None)
        self._visitor.fail(self._number, fault)


class Visitor:
    """Serves frames. `access` is a host's name or EVERYTHING; `write` takes whole frames.

    `write` gets the call that a frame belongs to, if any, so that its instance can be held.
    """

    def __init__(
        self,
        service: HostsService,
        access: str,
        write: Callable[[bytes, Call | None], None],
        source: Any,
    ) -> None:
        self._service = service
        self._access = access
        self._write = write
        self._source = source
        self._leases: dict[int, tuple[Host, str]] = {}
        self._asked: set[Deferred[Any]] = set()
        self._last_id = 0
        self._gone = False
        self.relays: dict[int, Relay] = {}

    def received(self, frame: Frame) -> None:
        """Do what a frame asks. Raises WireError when it breaks the protocol."""
        number = frame.id
        if number is None:
            raise WireError(f"{frame.op!r:.40} needs an id")
        if frame.op == "call":
            self._call(number, frame)
        elif frame.op == "cancel":
            relay = self.relays.pop(number, None)
            if relay is not None and relay.call is not None:
                relay.call.cancel(str(frame.header.get("reason", "cancelled"))[:40])
                self.fail(number, Fault("cancelled", "Cancelled", "the caller gave it up"))
        elif frame.op == "credit":
            self._credit(number, frame.header.get("items"))
        elif frame.op == "ping":
            self.send({"op": "pong", "id": number})
        elif frame.op == "lease":
            self._lease(number, frame.header)
        elif frame.op == "release":
            self._release(number)
        elif frame.op == "ticket":
            self._ticket(number, frame.header)
        else:
            raise WireError(f"a caller does not send {frame.op!r:.40}")

    def _call(self, number: int, frame: Frame) -> None:
        """Begin a call, or go on with its payload; pieces of one that is over are dropped."""
        relay = self.relays.get(number)
        if relay is not None and relay.call is not None:
            relay.call.add(frame.payload, frame.more)
        elif number > self._last_id:
            self._last_id = number
            host = self._host(number, frame.header)
            request = None if host is None else self._request(number, frame, host)
            if host is not None and request is not None:
                self._begin(number, host, request)

    def _begin(self, number: int, host: Host, request: Request) -> None:
        relay = self.relays[number] = Relay(self, number)
        relay.call = host.relay(request, relay)
        if request.more:
            relay.call.feed_from(self._source)

    def _request(self, number: int, frame: Frame, host: Host) -> Request | None:
        try:
            return read_request(frame, host.spec.call_timeout or None)
        except WireError as error:
            self.fail(number, Fault("arguments", "WireError", error.message))
            return None

    def _host(self, number: int, header: Mapping[str, Any]) -> Host | None:
        """Return the host that a frame names, or answer why not."""
        name = header.get("host")
        if self._access not in (EVERYTHING, name):
            what = f"the token is not good for the host {name!r:.80}"
            self.fail(number, Fault("denied", "Denied", what))
            return None
        try:
            return self._service.get(str(name))
        except HostUnknown as error:
            self.fail(number, Fault("no_host", "HostUnknown", error.message))
            return None

    def _credit(self, number: int, items: object) -> None:
        relay = self.relays.get(number)
        if type(items) is not int or items < 1:
            raise WireError("credit needs a number of items")
        if relay is not None and relay.call is not None:
            relay.call.credit(items)

    def _lease(self, number: int, header: Mapping[str, Any]) -> None:
        host = self._host(number, header)
        if host is not None and number not in self._leases:
            self._leases[number] = host, host.leases.acquire()
            self._ask(number, host.pool.when_ready(), lambda _: _held(host))

    def _release(self, number: int) -> None:
        host, lease = self._leases.pop(number, (None, ""))
        if host is not None:
            host.leases.release(lease)

    def _ticket(self, number: int, header: Mapping[str, Any]) -> None:
        host = self._host(number, header)
        if host is not None:
            self._ask(number, host.ticket(), lambda ticket: ticket)

    def _ask(
        self, number: int, answer: Deferred[Any], show: Callable[[Any], Mapping[str, Any]]
    ) -> None:
        """Answer with a JSON result, or with the fault why not."""

        def told(found: Any) -> None:
            self.send({"op": "result", "id": number}, json_payload(show(found)))

        def failed(why: Failure) -> None:
            self._release(number)
            if not self._gone:
                why.trap(CallError)
                assert isinstance(why.value, CallError)  # noqa: S101 - trapped
                self.fail(number, why.value.fault)

        self._asked.add(answer)
        answer.addCallbacks(told, failed)
        answer.addBoth(lambda _: self._asked.discard(answer))

    def send(
        self, header: Mapping[str, Any], payload: bytes = b"", call: Call | None = None
    ) -> None:
        """Send a frame, unless the visitor has gone."""
        if not self._gone:
            self._write(encode(header, payload), call)

    def fail(self, number: int, fault: Fault) -> None:
        """Send a fault."""
        self.send({"op": "fault", "id": number, "code": fault.code}, fault.payload())

    def left(self) -> None:
        """Give up everything that it held."""
        self._gone = True
        relays, self.relays = self.relays, {}
        for relay in relays.values():
            if relay.call is not None:
                relay.call.cancel("gone")
        for number in list(self._leases):
            self._release(number)
        for answer in list(self._asked):
            answer.cancel()


def _held(host: Host) -> dict[str, str]:
    return {"host": host.name, "state": overall(host.pool).value}


def read_request(frame: Frame, default_timeout: float | None) -> Request:
    """Understand a `call` of the door. Raises WireError when a value is not as documented."""
    header = frame.header
    timeout = header.get("timeout", default_timeout)
    window = header.get("window", 64)
    if not isinstance(header.get("function"), str):
        raise WireError("function is not a text")
    if timeout is not None and (type(timeout) not in (int, float) or timeout < 0):
        raise WireError("timeout is neither null nor seconds")
    if type(window) is not int or not 1 <= window <= _MAX_WINDOW:
        raise WireError(f"window is not a number from 1 to {_MAX_WINDOW}")
    return Request(
        function=header["function"],
        payload=frame.payload,
        type=_one_of(header, "type", _TYPES) if "type" in header else "json",
        passing=_one_of(header, "as", _PASSING) if "as" in header else "value",
        accept=_one_of(header, "accept", _ACCEPTED) if "accept" in header else "json",
        timeout=timeout,
        window=window,
        more=frame.more,
    )


def _one_of(header: Mapping[str, Any], key: str, known: tuple[str, ...]) -> Any:
    value = header[key]
    if value not in known:
        raise WireError(f"{key} is none of {', '.join(known)}")
    return value
