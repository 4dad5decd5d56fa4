"""Tests of `hangerd.web.linger`; `test_http1` has it at work."""

from __future__ import annotations

from twisted.internet.interfaces import ISSLTransport
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import directlyProvides

from hangerd.web import linger
from hangerd.web.linger import SECONDS, SIZE, Linger


class Transport:
    """Remembers how it was ended; `TLS` has no half close."""

    def __init__(self) -> None:
        self.did: list[str] = []

    def loseConnection(self) -> None:
        self.did.append("close")

    def abortConnection(self) -> None:
        self.did.append("abort")


class Tcp(Transport):
    def resumeProducing(self) -> None:
        self.did.append("read")

    def loseWriteConnection(self) -> None:
        self.did.append("half")


class LingerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.transport = Tcp()
        self.linger = Linger(self.transport, self.clock)

    def test_closes_our_side(self) -> None:
        self.assertEqual(self.transport.did, ["read", "half"])

    def test_closes_at_once_where_there_is_no_half(self) -> None:
        transport = Transport()
        Linger(transport, self.clock)
        self.assertEqual(transport.did, ["close"])

    def test_for_a_bounded_time(self) -> None:
        self.clock.advance(SECONDS)
        self.assertEqual(self.transport.did, ["read", "half", "abort"])

    def test_as_long_as_something_is_taken(self) -> None:
        left = iter((900, 800, 700, 700))
        self.patch(linger, "untaken", lambda transport: next(left))
        transport, clock = Tcp(), Clock()
        Linger(transport, clock)
        for did in ([], [], ["abort"]):
            clock.advance(SECONDS)
            self.assertEqual(transport.did, ["read", "half", *did])

    def test_for_a_bounded_size(self) -> None:
        self.linger.received(SIZE)
        self.assertEqual(self.transport.did, ["read", "half"])
        self.linger.received(1)
        self.assertEqual(self.transport.did, ["read", "half", "abort"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_bounds_of_ones_own(self) -> None:
        for seconds, size in ((1, 0), (0, 101)):
            transport = Tcp()
            linger = Linger(transport, self.clock, seconds=1, size=100)
            self.clock.advance(seconds)
            linger.received(size)
            self.assertEqual(transport.did, ["read", "half", "abort"])

    def test_tls_is_never_closed_by_half(self) -> None:
        transport = Tcp()
        directlyProvides(transport, ISSLTransport)
        Linger(transport, self.clock)
        self.assertEqual(transport.did, ["read"])

    def test_the_client_closes(self) -> None:
        self.linger.ended()
        self.linger.ended()
        self.assertEqual(self.clock.getDelayedCalls(), [])
