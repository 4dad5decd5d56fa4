"""One call, from the moment it is asked for until it is over: its deadline, its way, its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from twisted.internet.interfaces import IPushProducer

from hangerd.deadlines import Entry
from hangerd.hosts.errors import WireError
from hangerd.hosts.faults import Fault, read_fault
from hangerd.hosts.link import ENDS, Link
from hangerd.hosts.wire import Assembler, Frame
from hangerd.timetable import Timetable

PayloadType = Literal["json", "bytes", "pickle"]
Passing = Literal["value", "arguments"]
Accepted = Literal["json", "pickle"]


HELD: Final = 1024 * 1024
"""Bytes of payload that a waiting call keeps before its sender is paused."""


@dataclass(slots=True)  # not frozen, which costs each call as much as reading its header
class Request:
    """What to call, as docs/wire.md says. `timeout` in seconds; None is no deadline."""

    function: str
    payload: bytes = b""
    type: PayloadType = "json"
    passing: Passing = "value"
    accept: Accepted = "json"
    timeout: float | None = 10.0
    window: int = 64
    more: bool = False  # further pieces of the payload follow

    def header(self, left: float | None) -> dict[str, Any]:
        """Return the header of `call`, with `left` seconds of the deadline."""
        header: dict[str, Any] = {"function": self.function, "timeout": left}
        if self.type != "json":
            header["type"] = self.type
        if self.passing != "value":
            header["as"] = self.passing
        if self.accept != "json":
            header["accept"] = self.accept
        if self.window != 64:
            header["window"] = self.window
        return header


class Caller(Protocol):
    """Who asked. Gets frames as they come (pieces too), or one fault of the daemon's own."""

    def answered(self, frame: Frame) -> None:
        """Take a piece of a result, item or fault, or the end."""
        ...

    def failed(self, fault: Fault) -> None:
        """Take the daemon's fault; nothing follows."""
        ...


class Place(Protocol):
    """Where a call can go: an instance."""

    @property
    def number(self) -> int:
        """Return the instance's number."""
        ...

    @property
    def link(self) -> Link:
        """Return its connection."""
        ...


class Call:
    """Waits, is on its way, or is over. `over` is called once: the call, its seconds, its fault.

    `again` is called when it has to find another instance.
    """

    __slots__ = (
        "_again",
        "_began",
        "_caller",
        "_deadline",
        "_fault_pieces",
        "_id",
        "_more",
        "_over",
        "_pieces",
        "_place",
        "_source",
        "_source_paused",
        "_times",
        "finished",
        "host",
        "request",
    )

    def __init__(
        self,
        host: str,
        request: Request,
        caller: Caller,
        times: Timetable,
        over: Callable[[Call, float, Fault | None], None],
        again: Callable[[Call], None],
    ) -> None:
        self.host = host
        self.request = request
        self._caller = caller
        self._times = times
        self._over = over
        self._again = again
        self._began = times.now()
        self._pieces = [request.payload]
        self._more = request.more
        self._place: Place | None = None
        self._id = 0
        self._fault_pieces: Assembler | None = None
        self._source: IPushProducer | None = None
        self._source_paused = False
        self.finished = False
        self._deadline: Entry | None = None
        if request.timeout is not None:
            self._deadline = times.add(self._began + request.timeout, self._expired)

    @property
    def waiting(self) -> bool:
        """Return whether it has found no instance yet."""
        return self._place is None and not self.finished

    @property
    def sent(self) -> bool:
        """Return whether it has found an instance, be it over or not."""
        return self._place is not None

    def send_to(self, place: Place) -> None:
        """Go to an instance, with what has come of the payload."""
        self._place = place
        left = None
        if self._deadline is not None:
            left = round(max(0.0, self._deadline.when - self._times.now()), 3)
        first, *rest = self._pieces
        self._pieces = []
        header = self.request.header(left)
        if rest or self._more:
            header["more"] = True
        self._id = place.link.open_call(header, first, self)
        for at, piece in enumerate(rest, 1):
            place.link.send_piece(self._id, piece, self._more or at < len(rest))
        if self._source is not None:
            self._resume_source()
            if self._more:
                place.link.feed_from(self._id, self._source)

    def add(self, payload: bytes, more: bool) -> None:
        """Take a further piece of the payload."""
        if self.finished or not self._more:
            return
        self._more = more
        if self._place is None:
            self._pieces.append(payload)
            self._pause_source()
        else:
            self._place.link.send_piece(self._id, payload, more)

    def feed_from(self, source: IPushProducer) -> None:
        """Pause who sends the payload while it waits with much, or while its connection is full."""
        self._source = source
        if self._place is not None and not self.finished and self._more:
            self._place.link.feed_from(self._id, source)

    def hold_answers(self, holder: object) -> Link | None:
        """Let the instance's connection not be read until `holder` releases the returned link."""
        if self._place is None:
            return None
        self._place.link.hold(holder)
        return self._place.link

    def _pause_source(self) -> None:
        held = sum(len(piece) for piece in self._pieces)
        if self._source is not None and not self._source_paused and held > HELD:
            self._source_paused = True
            self._source.pauseProducing()

    def _resume_source(self) -> None:
        if self._source is not None and self._source_paused:
            self._source_paused = False
            self._source.resumeProducing()

    def credit(self, items: int) -> None:
        """Allow so many more items of a stream."""
        if self._place is not None and not self.finished:
            self._place.link.credit(self._id, items)

    def cancel(self, reason: str = "cancelled") -> None:
        """Give it up without telling the caller, who knows."""
        if not self.finished:
            fault = Fault("cancelled", "Cancelled", f"the caller gave it up: {reason}")
            self._abandon(reason, self._located(fault))

    def fail(self, fault: Fault) -> None:
        """End it with the daemon's own fault."""
        if not self.finished:
            self._end(self._located(fault))
            self._caller.failed(self._located(fault))

    def call_answered(self, frame: Frame) -> None:
        """Pass an answer on; a fault gets the place where it happened."""
        if self.finished:
            return
        if frame.op != "fault":
            if frame.op in ENDS and not frame.more:
                self._end(None)
            self._caller.answered(frame)
            return
        if self._fault_pieces is None:  # hardly a call needs it
            self._fault_pieces = Assembler()
        whole = self._fault_pieces.add(frame)
        if whole is not None:
            try:
                fault = read_fault(whole.header.get("code"), whole.payload)
            except WireError as error:
                fault = Fault("function", "Error", f"an unreadable fault: {error.message}")
            self.fail(fault)

    def call_lost(self, fault: Fault) -> None:
        """End with the instance."""
        self.fail(fault)

    def call_unread(self) -> bool:
        """Look for another instance; of a payload that came in pieces nothing was kept."""
        if self.request.more:
            return False
        self._place = None
        self._pieces = [self.request.payload]
        self._again(self)
        return True

    def _expired(self) -> None:
        """Act on the deadline."""
        timeout = self.request.timeout
        what = f"{self.host}: {self.request.function} took more than {timeout:g} s"
        fault = self._located(Fault("timeout", "Timeout", what))
        self._abandon("timeout", fault)
        self._caller.failed(fault)

    def _abandon(self, reason: str, fault: Fault) -> None:
        """Let go of it here, and see to it that the instance does."""
        place, number, owed = self._place, self._id, self._more
        self._end(fault)
        if place is not None:
            place.link.feed_from(number, None)
            place.link.cancel_call(number, reason)
            if owed:
                place.link.send_piece(number, b"", more=False)

    def _located(self, fault: Fault) -> Fault:
        number = None if self._place is None else self._place.number
        return fault.at(self.host, fault.instance if number is None else number)

    def _end(self, fault: Fault | None) -> None:
        self.finished = True
        self._pieces = []
        if self._source is not None:
            self._resume_source()
        if self._deadline is not None:
            self._times.cancel(self._deadline)
        self._over(self, self._times.now() - self._began, fault)
