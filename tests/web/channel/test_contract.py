"""What the channel leans on in Twisted without Twisted promising it. Each is named, so that a new
Twisted which drops one fails here and says which.
"""

from __future__ import annotations

import inspect
import re
from io import BytesIO
from typing import Any

from twisted.internet import abstract, tcp
from twisted.internet._producer_helpers import _PullToPush
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import _http2, _websocket_impl, http, server
from twisted.web.http_headers import Headers, InvalidHeaderName, _nameEncoder

from tests.web.channel.rig import Rig
from tests.web.channel.row import get


def asked_of_channels(*sources: Any) -> set[str]:
    """The names that Twisted's code uses on a channel."""
    asked: set[str] = set()
    for source in sources:
        text = inspect.getsource(source)
        asked |= set(re.findall(r"(?:self|request)\._?channel\.(\w+)", text))
    return asked


def plain(value: Any) -> Any:
    """Give a request's attribute so that it equals another's which means the same."""
    return value if isinstance(value, bytes | int | list | dict | Headers | None) else type(value)


class ChannelContractTests(SynchronousTestCase):
    """What Twisted asks of a channel."""

    def test_requests(self) -> None:
        asked = asked_of_channels(http.Request, server.Request)
        self.assertLessEqual(
            {"requestDone", "writeHeaders", "write", "writeSequence", "registerProducer"}, asked
        )
        channel = Rig().channel
        for name in sorted(asked):
            self.assertTrue(hasattr(channel, name), f"Request uses channel.{name}")

    def test_websockets(self) -> None:
        asked = asked_of_channels(_websocket_impl)
        self.assertEqual(asked, {"transport", "_protocolUpgradeForWebsockets"})

    def test_the_switch_between_protocols(self) -> None:
        asked = asked_of_channels(http._GenericHTTPChannelProtocol)
        self.assertLessEqual({"_networkProducer", "setTimeout", "makeConnection"}, asked)
        channel = Rig().channel
        for name in sorted(asked):
            self.assertTrue(hasattr(channel, name), f"the switch uses channel.{name}")
        self.assertTrue(callable(_http2.H2Connection))

    def test_a_site_builds_what_its_protocol_says(self) -> None:
        self.assertTrue(hasattr(http.HTTPFactory, "protocol"))
        proxy: Any = http._GenericHTTPChannelProtocol(Rig().channel)
        self.assertTrue(hasattr(proxy, "_channel"))

    def test_a_transport_without_pause(self) -> None:
        producer: Any = http._NoPushProducer()
        producer.registerProducer(None, True)
        producer.pauseProducing()
        producer.resumeProducing()
        producer.unregisterProducer()

    def test_pulling(self) -> None:
        for name in ("startStreaming", "stopStreaming", "pauseProducing", "resumeProducing"):
            self.assertTrue(callable(getattr(_PullToPush, name)), name)


class RequestContractTests(SynchronousTestCase):
    """What the channel asks of a request, and sets on one."""

    def test_calls(self) -> None:
        for name, arguments in (
            ("gotLength", ["length"]),
            ("handleContentChunk", ["data"]),
            ("requestReceived", ["command", "path", "version"]),
            ("connectionLost", ["reason"]),
            ("parseCookies", []),
            ("process", []),
            ("setResponseCode", ["code", "message"]),
        ):
            parameters = list(inspect.signature(getattr(http.Request, name)).parameters)
            self.assertEqual(parameters[1:], arguments, f"Request.{name}")

    def test_what_is_set_is_what_request_received_sets(self) -> None:
        source = inspect.getsource(http.Request.requestReceived)
        for text in ("self.method, self.uri = command, path", "self.clientproto = version"):
            self.assertIn(text, source)
        rig = Rig()
        rig.send(b"GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n")
        request = rig.resource.requests[0]
        self.assertEqual(
            (request.method, request.uri, request.path, request.args, request.clientproto),
            (b"GET", b"/a?b=c", b"/a", {b"b": [b"c"]}, b"HTTP/1.1"),
        )

    def test_steps_without_a_body(self) -> None:
        """What is done for a request without a body is what Twisted's two steps do."""

        class Stepwise(server.Request):
            def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
                super().requestReceived(command, path, version)

        for raw in (get(), b"POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Type: text/a\r\n\r\n"):
            known = []
            for made in (server.Request, Stepwise):
                rig = Rig(request=made)
                rig.resource.held = True
                rig.send(raw)
                [request] = rig.resource.requests
                known.append({name: plain(value) for name, value in vars(request).items()})
            self.assertEqual(known[0], known[1])
            self.assertIsInstance(request.content, BytesIO)

    def test_a_content_file_of_the_sites_own(self) -> None:
        rig = Rig(request=server.Request)
        rig.resource.held = True
        content = BytesIO()
        rig.site.getContentFile = lambda length: content
        rig.send(get())
        self.assertIs(rig.resource.requests[0].content, content)

    def test_attributes(self) -> None:
        for name in ("startedWriting", "sentLength", "code", "args", "path"):
            self.assertTrue(hasattr(http.Request, name), f"Request.{name}")
        self.assertIsInstance(http.RESPONSES[413], bytes)
        self.assertIsInstance(http.datetimeToString(), bytes)

    def test_raw_headers(self) -> None:
        headers = Headers({b"content-type": [b"a", b"b"]})
        self.assertEqual(headers._rawHeaders, {b"Content-Type": [b"a", b"b"]})
        headers._rawHeaders = {b"X-One": [b"1"]}
        self.assertEqual(headers.getRawHeaders("x-one"), ["1"])

    def test_request_headers_are_like_those_that_were_added(self) -> None:
        lines = [(b"x-one", b"a"), (b"ETAG", b"b"), (b"X-ONE", b"c"), (b"www-authenticate", b"d")]
        rig = Rig()
        rig.send(get(*[b"%b: %b" % line for line in lines]))
        added = Headers({b"host": [b"a"]})
        for name, value in lines:
            added.addRawHeader(name, value)
        self.assertEqual(rig.resource.requests[0].requestHeaders, added)

    def test_names_encoder(self) -> None:
        self.assertEqual(_nameEncoder.encode(b"content-md5"), b"Content-MD5")
        with self.assertRaises(InvalidHeaderName):
            _nameEncoder.encode(b"a b")


class TransportContractTests(SynchronousTestCase):
    """What a direct send needs to know of plain TCP."""

    def test_buffers(self) -> None:
        source = inspect.getsource(abstract.FileDescriptor)
        for name in ("dataBuffer", "offset", "_tempDataBuffer", "_tempDataLen"):
            self.assertIn(f"self.{name}", source)
        for name in ("connected", "disconnecting", "_writeDisconnecting", "dataBuffer", "offset"):
            self.assertTrue(hasattr(abstract.FileDescriptor, name), f"FileDescriptor.{name}")
        self.assertIs(tcp.Server.TLS, False)

    def test_the_socket_is_there_and_does_not_block(self) -> None:
        self.assertIn("socket.setblocking(False)", inspect.getsource(tcp.Connection.__init__))
        self.assertIn("return self.socket", inspect.getsource(tcp.Connection.getHandle))
