"""Scripts by websocket, from the handshake to the close, over both channels and without sockets."""

from __future__ import annotations

import json
import sys
from typing import Any
from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http import _GenericHTTPChannelProtocol
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request
from wsproto import ConnectionType, WSConnection
from wsproto import events as ws

from hangerd.config import HttpSettings
from hangerd.scripts.incoming import LIMIT
from hangerd.scripts.paths import Script
from hangerd.scripts.questions import Question
from hangerd.slots.slot import Value
from hangerd.web.clients import Clients
from hangerd.web.http1 import Channel
from hangerd.web.packing import Packing
from hangerd.web.scripts.requests import ScriptRequests
from hangerd.web.websockets import upgrades, wire
from hangerd.web.websockets.visitor import GRACE
from hangerd.web.websockets.wire import CLOSE_SECONDS, PING_SECONDS
from tests.scripts.serving import Serving
from tests.web.channel.rig import Rig, Transport, statuses

NAME = "talk.py"
SILENT = "input()"  # a run that has not ended


class Document(Resource):
    """One script."""

    isLeaf = True
    requests: ScriptRequests
    script: Script

    def render(self, request: Request) -> int:
        self.requests(request, self.script)
        return NOT_DONE_YET


class WebsocketTestCase(SynchronousTestCase):
    """One connection to one script. Threads work when they are told."""

    allowed = True
    origins: tuple[str, ...] = ()

    def setUp(self) -> None:
        self.serving = Serving()
        self.addCleanup(self.serving.close)
        self.connect()

    def connect(self) -> None:
        """Make a connection to the script."""
        document = Document()
        self.rig = Rig(document)
        clock = self.rig.clock
        opening = upgrades.Upgrades(
            self.origins,
            clock,
            self.serving.clock.callFromThread,
            allowed=self.allowed,
            debug=False,
        )
        clients = Clients(HttpSettings().trusted_proxies)
        document.requests = ScriptRequests(
            self.serving.service, clients, opening, clock, Packing(clock)
        )
        document.script = Script(str(self.serving.root / NAME), f"/{NAME}")
        self.client = WSConnection(ConnectionType.CLIENT)

    def ask(self, source: str = SILENT, *, work: bool = False, **fields: Any) -> None:
        """Send a handshake to a script with this source."""
        (self.serving.root / NAME).write_text(source)
        extra = [(name.replace("_", "-").encode(), told.encode()) for name, told in fields.items()]
        self.rig.send(self.client.send(ws.Request("here:1", f"/{NAME}", extra_headers=extra)))
        if work:
            self.serving.work()
            self.rig.turn()

    def open(self, **fields: Any) -> None:
        """Send a handshake, and have the script accept it."""
        self.ask(**fields)
        self.peer.accept(self.run_.head)
        self.assertIsInstance(self.heard()[0], ws.AcceptConnection)

    @property
    def run_(self) -> Any:
        return self.serving.active_run.run

    @property
    def peer(self) -> Any:
        return self.run_.visit.link.peer

    def heard(self) -> list[Any]:
        """Return what the client has got since it was asked last."""
        self.rig.turn()
        if self.rig.seen:
            self.client.receive_data(self.rig.seen)
            self.rig.transport.clear()
        return list(self.client.events())

    def say(self, *events: Any) -> None:
        """Send as the client."""
        for event in events:
            self.rig.send(self.client.send(event))

    def taken(self) -> Any:
        """Take the next message as the script does."""
        try:
            self.run_.visit.link.incoming.get().send(None)
        except StopIteration as found:
            return found.value
        raise AssertionError("it waits")

    def refused(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(self.rig.seen.rpartition(b"\r\n\r\n")[2])
        return told


class RunTests(WebsocketTestCase):
    """What a run's end, output and questions become."""

    def test_prints_are_events_and_the_end_is_a_close(self) -> None:
        self.ask("import sys\nprint('é')\nprint('e', file=sys.stderr)", work=True)
        accepted, out, closed = self.heard()
        self.assertIsInstance(accepted, ws.AcceptConnection)
        self.assertEqual(json.loads(out.data), {"event": "out", "text": "é\n"})
        self.assertEqual(closed.code, 1000)
        self.say(closed.response())
        self.assertTrue(self.rig.transport.disconnecting)
        self.rig.lose()
        self.assertEqual(self.rig.logged[0].code, 101)
        self.assertEqual(self.rig.clock.getDelayedCalls(), [])

    def test_standard_error_where_it_is_wanted(self) -> None:
        self.ask("# hangerd: stderr=page\nimport sys\nprint('e', file=sys.stderr)", work=True)
        told = [json.loads(event.data) for event in self.heard()[1:-1]]
        self.assertEqual(told, [{"event": "err", "text": "e\n"}])

    def test_an_empty_run(self) -> None:
        self.ask("", work=True)
        self.assertEqual(self.heard()[-1].code, 1000)

    def test_a_failure_says_no_more_than_its_id(self) -> None:
        self.ask("print('a')\nraise ValueError('secret')", work=True)
        closed = self.heard()[-1]
        self.assertEqual(closed.code, 1011)
        self.assertRegex(closed.reason, r"^The script failed. \(request [0-9a-f]{16}\)$")

    def test_a_stop(self) -> None:
        self.open()
        self.run_.write_text("last")
        self.serving.service.stopService()
        self.serving.clock.advance(1.1)
        self.assertEqual(self.heard()[-1].code, 1001)

    def test_refusals_by_the_script(self) -> None:
        for source, status in (
            ("from hangerd import response\nresponse.set_status(403)\nprint('no')", 403),
            ("from hangerd import response\nresponse.set_status(403)", 403),
            ("from hangerd.exceptions import NotFound\nraise NotFound()", 404),
            ("1 / 0", 500),
            ("exit(1)", 500),
        ):
            self.connect()
            self.ask(source, work=True)
            self.assertEqual(statuses(self.rig.seen), [status], source)

    def test_a_question(self) -> None:
        self.open()
        self.run_.output.ask(Question(self.run_.gate, "name? ", True))
        self.serving.clock.turn()
        told = json.loads(self.heard()[0].data)
        token = told.pop("token")
        self.assertEqual(told, {"event": "input", "prompt": "name? ", "password": True})
        self.serving.slots.write(token, Value(b"Ada"), "")
        self.assertEqual(self.serving.active_run.waits_for, "")
        self.assertEqual(self.heard(), [])

    def test_cookies_and_a_subprotocol_of_the_script(self) -> None:
        self.ask(sec_websocket_protocol="one, two, b@d")
        self.assertEqual(self.run_.visit.link.subprotocols, ("one", "two"))
        self.run_.response.set_cookie("a", "b")
        self.run_.response.set_header("X-Odd", "a\x01b")
        self.peer.accept(self.run_.head, "two")
        seen = self.rig.seen.decode()
        self.assertIn("sec-websocket-protocol: two\r\n", seen.lower())
        self.assertIn("set-cookie: a=b; httponly; path=/; samesite=lax\r\n", seen.lower())
        self.assertNotIn("X-Odd", seen)


class HandshakeTests(WebsocketTestCase):
    """What is refused before a script is run."""

    origins = ("https://other.example",)

    def test_origins(self) -> None:
        for origin in ("http://here:1", "https://other.example", "HTTP://HERE:1"):
            self.connect()
            self.open(origin=origin)
            self.serving.active_run.disconnect()
            self.serving.work()
        for origin in ("http://here", "http://here:2", "null", "https://there.example", "http://"):
            self.connect()
            self.ask(origin=origin)
            self.assertEqual(statuses(self.rig.seen), [403], origin)
            self.assertIn("websocket_origins", self.refused()["remedy"])
            self.assertEqual(self.serving.service.runs(), [])

    def test_default_ports(self) -> None:
        for origin, host in (("http://a", "a:80"), ("https://a:443", "a"), ("https://A", "a")):
            self.assertTrue(upgrades._same_host(origin.lower(), host), origin)

    def test_all_origins(self) -> None:
        self.origins = ("*",)
        self.connect()
        self.open(origin="https://anybody.example")

    def test_handshakes_that_are_none(self) -> None:
        (self.serving.root / NAME).write_text("")
        head = (
            f"GET /{NAME} HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: a, Upgrade\r\n"
        )
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        for fields, status in (
            (key, 426),
            (key + "Sec-WebSocket-Version: 8\r\n", 426),
            ("Sec-WebSocket-Version: 13\r\n", 400),
            ("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", 400),
        ):
            self.rig = Rig(self.rig.resource)
            seen = self.rig.send(f"{head}{fields}\r\n".encode())
            self.assertEqual(statuses(seen), [status], fields)
            self.assertEqual(b"sec-websocket-version: 13" in seen.lower(), status == 426)

    def test_without_the_library(self) -> None:
        with patch.dict(sys.modules, {"hangerd.web.websockets.handshakes": None}):
            self.ask()
        self.assertEqual(statuses(self.rig.seen), [501])
        self.assertIn("hangerd[websocket]", self.refused()["remedy"])

    def test_other_requests_are_as_ever(self) -> None:
        (self.serving.root / NAME).write_text("from hangerd import websocket\nprint(websocket)")
        for head in (
            f"POST /{NAME} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Content-Length: 0\r\n",
            f"GET /{NAME} HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n",
            f"GET /{NAME} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n",
        ):
            self.rig = Rig(self.rig.resource)
            self.rig.send(f"{head}\r\n".encode())
            self.serving.work()
            self.rig.turn()
            self.assertIn(b"None\n", self.rig.seen)

    def test_turned_off(self) -> None:
        self.allowed = False
        self.connect()
        self.ask("print('a page')", work=True)
        self.assertEqual(statuses(self.rig.seen), [200])

    def test_a_busy_daemon(self) -> None:
        self.serving.service.stopService()
        self.ask()
        self.assertEqual(statuses(self.rig.seen), [503])


class WireTests(WebsocketTestCase):
    """Messages, control frames, limits."""

    def test_messages_both_ways(self) -> None:
        self.open()
        self.say(ws.TextMessage("hé", message_finished=False), ws.TextMessage("llo"))
        self.say(ws.BytesMessage(b"\0\1"))
        text = self.taken()
        data = self.taken()
        self.assertEqual((text, data, type(data)), ("héllo", b"\0\1", bytearray))
        self.peer.send(self.run_.head, "é")
        self.peer.send(self.run_.head, b"\2")
        self.assertEqual([event.data for event in self.heard()], ["é", b"\2"])

    def test_pings_and_pongs(self) -> None:
        self.open()
        self.say(ws.Ping(b"a"))
        self.peer.ping(b"b")
        self.peer.pong(b"c")
        pong, ping, other = self.heard()
        self.assertEqual((pong.payload, ping.payload, other.payload), (b"a", b"b", b"c"))

    def test_only_the_last_ping_counts_while_the_client_does_not_read(self) -> None:
        self.open()
        wire: Any = self.rig.transport.producer
        wire.pauseProducing()
        self.say(*(ws.Ping(b"%d" % number) for number in range(100)))
        self.assertEqual(self.heard(), [])
        wire.resumeProducing()
        self.assertEqual([event.payload for event in self.heard()], [b"99"])

    def test_a_slow_client_pauses_the_output(self) -> None:
        self.open()
        wire: Any = self.rig.transport.producer
        wire.pauseProducing()
        self.run_.write_text("later")
        self.serving.clock.turn()
        self.assertEqual(self.heard(), [])
        wire.resumeProducing()
        self.assertEqual(len(self.heard()), 1)

    def test_too_large_a_message(self) -> None:
        self.open()
        self.say(ws.BytesMessage(bytes(2 * 1024**2)))
        self.assertEqual(len(self.taken()), 2 * 1024**2)
        for _ in range(3):
            self.say(ws.BytesMessage(bytes(1024**2), message_finished=False))
        self.assertEqual(self.heard()[-1].code, 1009)
        self.rig.clock.advance(CLOSE_SECONDS)
        self.assertTrue(self.rig.transport.aborted)

    def test_frames_that_break_the_protocol(self) -> None:
        self.open()
        self.rig.send(b"\x81\x02hi")  # without a mask
        self.assertEqual(self.heard()[-1].code, 1002)
        self.assertTrue(self.rig.transport.disconnecting)
        self.connect()
        self.open()
        self.rig.send(b"\x81\x82\0\0\0\0\xff\xff")
        self.assertEqual(self.heard()[-1].code, 1007)

    def test_who_sends_faster_than_he_is_heard_waits(self) -> None:
        self.open()
        piece = bytes(LIMIT // 4)
        self.say(*[ws.BytesMessage(piece)] * 4)
        self.assertFalse(self.rig.transport.reading)
        self.taken()
        self.serving.clock.turn()
        self.assertFalse(self.rig.transport.reading)
        self.taken()
        self.taken()
        self.serving.clock.turn()
        self.assertTrue(self.rig.transport.reading)

    def test_small_messages_count_too(self) -> None:
        self.open()
        frames = b"".join(self.client.send(ws.TextMessage("")) for _ in range(LIMIT // 64))
        self.rig.send(frames)
        self.assertFalse(self.rig.transport.reading)

    def test_a_client_that_says_nothing_is_left(self) -> None:
        self.open()
        self.rig.clock.advance(PING_SECONDS)
        self.say(self.heard()[0].response())
        self.rig.clock.advance(PING_SECONDS)
        self.assertFalse(self.rig.transport.aborted)
        self.assertIsInstance(self.heard()[0], ws.Ping)
        self.rig.clock.advance(PING_SECONDS)
        self.assertTrue(self.rig.transport.aborted)

    def test_a_client_that_takes_little_is_not(self) -> None:
        left = iter((900, 800, 700, 702))  # a ping has two bytes
        self.patch(wire, "untaken", lambda transport: next(left))
        self.open()
        for aborted in (False, False, False, True):
            self.rig.clock.advance(PING_SECONDS)
            self.assertIs(self.rig.transport.aborted, aborted)

    def test_a_client_that_takes_no_more_is_left(self) -> None:
        left = iter((900, 800, 800))
        self.patch(wire, "untaken", lambda transport: next(left))
        self.open()
        producer: Any = self.rig.transport.producer
        producer.pauseProducing()
        for aborted in (False, False, True):
            self.rig.clock.advance(PING_SECONDS)
            self.assertIs(self.rig.transport.aborted, aborted)

    def test_the_channel_has_no_timeouts_of_its_own(self) -> None:
        self.open()
        for _ in range(100):
            self.rig.clock.advance(PING_SECONDS)
            self.say(self.heard()[0].response())
        self.assertFalse(self.rig.transport.disconnecting)

    def test_what_was_sent_before_the_handshake_was_answered(self) -> None:
        self.ask()
        self.rig.send(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi")
        self.peer.accept(self.run_.head)
        self.assertEqual(self.taken(), "hi")


class LeavingTests(WebsocketTestCase):
    """The ways in which it ends before the script does."""

    def test_a_close_leaves_the_script_a_while(self) -> None:
        self.open()
        self.say(ws.TextMessage("last"), ws.CloseConnection(1000))
        self.assertTrue(self.rig.transport.disconnecting)
        self.rig.lose()
        self.assertEqual(self.taken(), "last")
        with self.assertRaisesRegex(Exception, "the visitor has closed"):
            self.run_.visit.link.incoming.check()
        self.run_.write_text("to nobody")
        self.serving.clock.turn()
        self.assertFalse(self.run_.disconnected)
        self.rig.clock.advance(GRACE)
        self.assertTrue(self.run_.disconnected)

    def test_a_lost_connection(self) -> None:
        self.open()
        self.rig.lose()
        self.rig.clock.advance(GRACE)
        self.assertTrue(self.run_.disconnected)
        self.assertEqual(self.rig.clock.getDelayedCalls(), [])

    def test_a_loss_before_the_handshake_was_answered(self) -> None:
        self.ask()
        run = self.run_
        self.rig.lose()
        self.assertTrue(run.disconnected)
        self.serving.work()
        self.assertEqual(self.serving.service.runs(), [])

    def test_the_script_closes(self) -> None:
        self.open()
        self.peer.close(self.run_.head, 3000, "so")
        self.peer.send(self.run_.head, "too late")
        closed = self.heard()[0]
        self.assertEqual((closed.code, closed.reason), (3000, "so"))
        self.rig.clock.advance(CLOSE_SECONDS)
        self.assertTrue(self.rig.transport.aborted)


class TwistedChannelTests(WebsocketTestCase):
    """The same by the channel that is built on Twisted's."""

    def connect(self) -> None:
        super().connect()
        self.rig.site.protocol = lambda: _GenericHTTPChannelProtocol(Channel())
        self.rig.protocol = self.rig.site.buildProtocol(None)
        self.rig.transport = Transport()
        self.rig.transport.protocol = self.rig.protocol
        self.rig.protocol.makeConnection(self.rig.transport)

    def test_a_conversation(self) -> None:
        self.open()
        self.say(ws.TextMessage("hi"))
        self.assertEqual(self.taken(), "hi")
        self.peer.send(self.run_.head, "ho")
        self.assertEqual(self.heard()[0].data, "ho")
        self.rig.lose()
        self.rig.clock.advance(GRACE)
        self.assertTrue(self.run_.disconnected)

    def test_what_was_sent_before_the_handshake_was_answered(self) -> None:
        self.ask()
        self.rig.send(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi")
        self.peer.accept(self.run_.head)
        self.assertEqual(self.taken(), "hi")
