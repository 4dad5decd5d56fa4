"""Tests of `hangerd.web.linger`; `test_http1` has it at work."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

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
    def loseWriteConnection(self) -> None:
        self.did.append("half")


class LingerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.transport = Tcp()
        self.linger = Linger(self.transport, self.clock)

    def test_closes_our_side(self) -> None:
        self.assertEqual(self.transport.did, ["half"])

    def test_closes_at_once_where_there_is_no_half(self) -> None:
        transport = Transport()
        Linger(transport, self.clock)
        self.assertEqual(transport.did, ["close"])

    def test_for_a_bounded_time(self) -> None:
        self.clock.advance(SECONDS)
        self.assertEqual(self.transport.did, ["half", "abort"])

    def test_for_a_bounded_size(self) -> None:
        self.linger.received(SIZE)
        self.assertEqual(self.transport.did, ["half"])
        self.linger.received(1)
        self.assertEqual(self.transport.did, ["half", "abort"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_the_client_closes(self) -> None:
        self.linger.ended()
        self.linger.ended()
        self.assertEqual(self.clock.getDelayedCalls(), [])
