"""Direct connections: programs that the daemon gave a ticket connect to this instance's own socket.

All of it runs in the reading thread.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from .calls import Calls, Service
from .connection import Connection
from .frames import Header, Payload, ProtocolError
from .poller import Poller

SOON = 0.000_3
"""Seconds between two calls of a guest, below which the next is expected at once."""
HELLO_WITHIN = 5.0
REPORT_EVERY = 1.0
PROTOCOL = 1


class Guest:
    """One direct connection; it is served once its `hello` brought a good ticket."""

    def __init__(self, door: Direct, sock: socket.socket, poller: Poller, limit: int) -> None:
        self._door = door
        self._poller = poller
        self._limit = limit
        self.calls: Calls | None = None
        self._called = 0.0
        self.connection = Connection(sock, poller, limit, self._receive, self._closed)

    def _receive(self, header: Header, payload: bytes) -> None:
        operation = header["op"]
        if self.calls is None:
            self._greet(header)
        elif operation == "call":
            self.calls.begin(header, payload)
            self._door.counted()
            now = time.monotonic()
            self._poller.expects = now - self._called < SOON
            self._called = now
        elif operation == "cancel":
            self.calls.cancel(header)
        elif operation == "credit":
            self.calls.credit(header)
        elif operation == "ping":
            self.connection.send({"op": "pong", "id": header.get("id")})
        else:
            raise ProtocolError(f"unknown operation {operation!r}")

    def _greet(self, header: Header) -> None:
        if not self._door.redeem(header):
            raise ProtocolError("no good ticket")
        self.calls = self._door.welcome(self)
        self.connection.send({"op": "welcome", "protocol": PROTOCOL, "max_message": self._limit})

    def late(self) -> None:
        """Close a connection that has not said hello."""
        if self.calls is None:
            self.connection.close("no hello came")

    def _closed(self, reason: str) -> None:
        if self.calls is not None:
            self.calls.cancel_all("gone")
            self._door.left(self)


class Direct:
    """The listening socket, its tickets and guests; `report(guests, calls)` tells the daemon."""

    def __init__(
        self,
        sock: socket.socket,
        poller: Poller,
        limit: int,
        service: Service,
        report: Callable[[int, int], None],
    ) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._poller = poller
        self._limit = limit
        self._service = service
        self._report = report
        self._tickets: dict[str, float] = {}
        self._guests: set[Guest] = set()
        self._draining = False
        self._count = 0
        self._telling = False
        poller.add(self)

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._sock.fileno()

    def readable(self) -> None:
        """Take a connection, if it is still there."""
        try:
            sock, _ = self._sock.accept()
        except OSError:
            return
        if self._draining:
            sock.close()
            return
        self._poller.later(HELLO_WITHIN, Guest(self, sock, self._poller, self._limit).late)

    def writable(self) -> None:
        """Do nothing: a listening socket is never written."""

    def ticket(self, header: Header) -> None:
        """Accept one connection with this ticket, for `ttl` seconds."""
        now = time.monotonic()
        self._tickets = {each: until for each, until in self._tickets.items() if until >= now}
        self._tickets[header["ticket"]] = now + header["ttl"]

    def redeem(self, header: Header) -> bool:
        """Use up the ticket of a hello; say whether it was good."""
        if self._draining or header["op"] != "hello" or header.get("protocol") != PROTOCOL:
            return False
        return self._tickets.pop(str(header.get("ticket")), 0.0) >= time.monotonic()

    def welcome(self, guest: Guest) -> Calls:
        """Count a guest in."""
        self._guests.add(guest)
        self._tell()
        return Calls(self._service, guest.connection, lambda: not self._draining)

    def left(self, guest: Guest) -> None:
        """Count a guest out."""
        self._guests.discard(guest)
        self._tell()

    def counted(self) -> None:
        """Count a call; the daemon hears of it within a second."""
        self._count += 1
        if not self._telling:
            self._telling = True
            self._poller.later(REPORT_EVERY, self._tell_calls)

    def _tell_calls(self) -> None:
        self._telling = False
        self._tell()

    def _tell(self) -> None:
        guests = self._guests
        if self._draining:  # who only keeps a connection must not hold up the end
            guests = {guest for guest in guests if guest.calls and guest.calls.any}
        self._report(len(guests), self._count)

    def drain(self) -> None:
        """Take no new connection and no new call; tell the guests, and when they have none."""
        if self._draining:
            return
        self._draining = True
        for guest in self._guests:
            if guest.calls:
                guest.calls.emptied = lambda: self._poller.soon(self._tell)
        self.broadcast({"op": "drain"})
        self._tell()

    def broadcast(self, header: Header, payload: Payload = b"") -> None:
        """Send one message to every guest."""
        for guest in self._guests:
            guest.connection.send(header, payload)

    def cancel_all(self, reason: str) -> None:
        """Cancel every direct call."""
        self._draining = True
        for guest in list(self._guests):
            if guest.calls:
                guest.calls.cancel_all(reason)
