"""A refused client sees its answer; the wait for it is bounded in time and size."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import ISSLTransport, ITransport
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import directlyProvides

from hangerd.web.linger import Linger


class Transport:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def resumeProducing(self) -> None:
        self.told.append("read")

    def loseWriteConnection(self) -> None:
        self.told.append("half")

    def loseConnection(self) -> None:
        self.told.append("close")

    def abortConnection(self) -> None:
        self.told.append("abort")


class Plain:
    """A transport that can only be closed."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def loseConnection(self) -> None:
        self.told.append("close")


class LingerTests(SynchronousTestCase):
    def linger(self, transport: Any) -> Linger:
        self.clock = Clock()
        return Linger(transport, self.clock, seconds=2, size=100)

    def test_the_client_leaves(self) -> None:
        transport = Transport()
        linger = self.linger(transport)
        linger.received(100)
        linger.ended()
        linger.ended()
        self.assertEqual(transport.told, ["read", "half"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_time(self) -> None:
        transport = Transport()
        self.linger(transport)
        self.clock.advance(2)
        self.assertEqual(transport.told, ["read", "half", "close"])
        self.clock.advance(2)
        self.assertEqual(transport.told, ["read", "half", "close", "abort"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_size(self) -> None:
        transport = Transport()
        linger = self.linger(transport)
        linger.received(60)
        linger.received(60)
        linger.received(60)
        self.assertEqual(transport.told, ["read", "half", "close"])
        linger.ended()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_tls_is_never_closed_by_half(self) -> None:
        transport = Transport()
        directlyProvides(transport, ITransport, ISSLTransport)
        self.linger(transport)
        self.assertEqual(transport.told, ["read"])

    def test_a_transport_that_can_only_be_closed(self) -> None:
        transport = Plain()
        self.linger(transport)
        self.clock.pump([2, 2])
        self.assertEqual(transport.told, ["close", "close"])
