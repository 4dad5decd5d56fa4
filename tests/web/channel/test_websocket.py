"""Twisted's websockets over the channel."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.websocket import WebSocketResource
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Request, TextMessage

from tests.web.channel.rig import Rig


class Echo:
    """Says back what it hears."""

    def __init__(self, request: Any) -> None:
        self.request_left = request.notifyFinish()
        self.lost: list[Any] = []

    def negotiationStarted(self, transport: Any) -> None:
        self.transport = transport

    def negotiationFinished(self) -> None:
        self.transport.sendTextMessage("welcome")

    def textMessageReceived(self, message: str) -> None:
        self.transport.sendTextMessage(message.upper())

    def bytesMessageReceived(self, data: bytes | bytearray) -> None:
        raise NotImplementedError

    def pongReceived(self, payload: bytes) -> None:
        raise NotImplementedError

    def connectionLost(self, reason: Any) -> None:
        self.lost.append(reason.type)


class Echoes:
    """Builds them, and remembers the last."""

    echo: Echo

    def buildProtocol(self, request: Any) -> Echo:
        self.echo = Echo(request)
        return self.echo


class WebsocketTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.echoes = Echoes()
        root = Resource()
        root.putChild(b"", WebSocketResource(self.echoes))
        self.rig = Rig(root)
        self.client = WSConnection(ConnectionType.CLIENT)
        self.asked = self.client.send(Request("a", "/"))

    def heard(self) -> list[Any]:
        self.client.receive_data(self.rig.seen)
        self.rig.transport.clear()
        return list(self.client.events())

    def test_conversation(self) -> None:
        self.rig.send(self.asked)
        accepted, welcome = self.heard()
        self.assertIsInstance(accepted, AcceptConnection)
        self.assertEqual(welcome.data, "welcome")
        self.rig.send(self.client.send(TextMessage("hello")))
        self.assertEqual([event.data for event in self.heard()], ["HELLO"])
        self.rig.send(self.client.send(CloseConnection(1000)))
        self.assertIsInstance(self.heard()[0], CloseConnection)
        self.assertTrue(self.rig.transport.disconnecting)

    def test_leaving(self) -> None:
        self.rig.send(self.asked)
        self.rig.lose()
        self.assertEqual(self.echoes.echo.lost, [ConnectionDone])
        self.failureResultOf(self.echoes.echo.request_left, ConnectionDone)
        self.assertEqual(self.rig.clock.getDelayedCalls(), [])

    def test_no_timeouts(self) -> None:
        self.rig.send(self.asked)
        self.rig.clock.pump([1] * 200)
        self.assertFalse(self.rig.transport.disconnecting)
        self.assertEqual(self.rig.clock.getDelayedCalls(), [])

    def test_producers(self) -> None:
        self.rig.send(self.asked)
        self.echoes.echo.transport.attachProducer(self)
        self.assertIs(self.rig.transport.producer, self)
        self.echoes.echo.transport.detachProducer()

    def test_words_sent_before_the_answer_came(self) -> None:
        """A client may not, but what it sends is for the websocket and not for the next request."""
        frame = bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi"
        self.rig.send(self.asked + frame)
        self.assertEqual([event.data for event in self.heard()[1:]], ["welcome", "HI"])
