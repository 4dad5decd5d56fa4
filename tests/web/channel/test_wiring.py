"""The channel in a Site: what the factory sets, and HTTP/2 chosen by ALPN."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from twisted.web._http2 import H2Connection
from twisted.web.http import _GenericHTTPChannelProtocol

from hangerd.web.channel.channel import HttpChannel
from tests.web.channel.rig import Rig, Transport
from tests.web.channel.row import get


class Negotiated(Transport):
    """A transport whose TLS chose a protocol."""

    def __init__(self, protocol: bytes | None) -> None:
        super().__init__()
        self.negotiatedProtocol = protocol


class WiringTests(SynchronousTestCase):
    def test_what_a_site_builds(self) -> None:
        rig = Rig()
        self.assertIsInstance(rig.protocol, _GenericHTTPChannelProtocol)
        self.assertIsInstance(rig.channel, HttpChannel)
        self.assertIs(rig.channel.site, rig.site)
        self.assertIs(rig.channel.factory, rig.site)
        self.assertEqual(rig.channel.timeOut, 60)
        self.assertEqual(rig.channel.callLater, rig.clock.callLater)

    def test_http_1_by_alpn(self) -> None:
        for protocol in (b"http/1.1", None):
            rig = Rig(transport=Negotiated(protocol))
            self.assertIn(b"HTTP/1.1 200 OK", rig.send(get()))
            self.assertIs(rig.protocol._channel, rig.channel)

    def test_http_2_by_alpn_is_twisteds(self) -> None:
        transport = Negotiated(b"h2")
        rig = Rig(transport=transport)
        rig.site.timeOut = None
        ours = rig.channel
        rig.protocol.dataReceived(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.assertIsInstance(rig.protocol._channel, H2Connection)
        self.assertIs(transport.producer, rig.protocol._channel)
        self.assertNotIn(ours, rig.parts.sweep._connections)
