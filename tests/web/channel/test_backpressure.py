"""Producers, and clients that do not read."""

from __future__ import annotations

from typing import Any

from twisted.internet import _producer_helpers
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.task import Cooperator
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Request
from zope.interface import alsoProvides

from tests.web.channel.rig import RecordedRequest, Rig, Transport
from tests.web.channel.row import get
from tests.web.producer import Producer


class Pausing(RecordedRequest):
    """Has an answer that does not leave."""

    def process(self) -> None:
        self.channel.pauseProducing()
        super().process()


class BackpressureTests(SynchronousTestCase):
    def held(self) -> tuple[Rig, Request]:
        rig = Rig()
        rig.resource.held = True
        rig.send(get())
        return rig, rig.resource.requests[0]

    def test_push_producer(self) -> None:
        rig, request = self.held()
        producer = Producer()
        request.registerProducer(producer, True)
        rig.channel.pauseProducing()
        rig.channel.resumeProducing()
        rig.channel.stopProducing()
        self.assertEqual(producer.told, ["pause", "resume", "stop"])
        request.unregisterProducer()
        rig.channel.stopProducing()
        self.assertEqual(len(producer.told), 3)

    def test_a_producer_is_stopped_once(self) -> None:
        rig, request = self.held()
        producer = Producer()
        request.registerProducer(producer, True)
        rig.channel.stopProducing()  # as the transport does before it tells its protocol
        rig.lose()
        self.assertEqual(producer.told, ["stop"])

    def test_a_producer_is_stopped_by_a_refusal(self) -> None:
        rig, request = self.held()
        producer = Producer()
        request.registerProducer(producer, True)
        rig.channel.refuse(413, "Too much.", "Less.")
        self.assertEqual(producer.told, ["stop"])

    def test_two_producers(self) -> None:
        rig, request = self.held()
        request.registerProducer(Producer(), True)
        with self.assertRaises(RuntimeError):
            rig.channel.registerProducer(Producer(), True)

    def test_unregistering_none(self) -> None:
        rig, _ = self.held()
        rig.channel.unregisterProducer()

    def test_pull_producer(self) -> None:
        rig, request = self.held()

        class Pulled:
            def __init__(self) -> None:
                self.left = 3

            def resumeProducing(self) -> None:
                request.write(b"x")
                self.left -= 1
                if not self.left:
                    request.unregisterProducer()
                    request.finish()

            def stopProducing(self) -> None:
                raise NotImplementedError

        cooperator = Cooperator(
            scheduler=lambda turn: rig.clock.callLater(0, turn),
            terminationPredicateFactory=lambda: lambda: True,
        )
        self.patch(_producer_helpers, "cooperate", cooperator.cooperate)
        request.registerProducer(Pulled(), False)
        for _ in range(6):
            rig.turn()
        self.assertEqual(rig.seen.count(b"1\r\nx\r\n"), 3)
        self.assertTrue(rig.seen.endswith(b"0\r\n\r\n"))

    def test_while_the_client_does_not_read_nothing_new_is_served(self) -> None:
        rig = Rig()
        rig.channel.pauseProducing()
        self.assertFalse(rig.transport.reading)
        rig.send(get())
        self.assertEqual(rig.resource.served, [])
        rig.channel.resumeProducing()
        self.assertEqual(len(rig.resource.served), 1)
        self.assertTrue(rig.transport.reading)

    def test_an_answer_that_waits_to_leave_stops_the_reading(self) -> None:
        rig = Rig(request=Pausing)
        rig.send(get())
        self.assertFalse(rig.transport.reading)
        rig.send(get())
        self.assertEqual(len(rig.resource.served), 1)
        rig.channel.resumeProducing()
        self.assertEqual(len(rig.resource.served), 2)

    def test_a_held_read_notices_its_client_leaving_though_it_does_not_read(self) -> None:
        rig, _ = self.held()
        rig.channel.pauseProducing()
        self.assertTrue(rig.transport.reading)

    def test_a_large_answer_is_handed_over_at_once(self) -> None:
        rig, request = self.held()
        request.write(b"x" * 70000)
        self.assertIn(b"x" * 70000, rig.seen)

    def test_backpressure_after_the_end_changes_nothing(self) -> None:
        rig, request = self.held()
        request.loseConnection()
        rig.channel.pauseProducing()
        self.assertTrue(rig.transport.reading)

    def test_no_delay(self) -> None:
        transport: Any = Transport()
        said: list[bool] = []
        transport.setTcpNoDelay = said.append
        alsoProvides(transport, ITCPTransport)
        Rig(transport=transport)
        self.assertEqual(said, [True])
