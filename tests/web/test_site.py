"""Tests of `hangerd.web.site`: a whole door, and whatever strangers may send it."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import HttpSettings, SlotsSettings
from tests.web.harness import PEER, UNIX_PEER, Client, Daemon

LIMIT = 200
LINE = st.binary(max_size=60).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b""))
NAMES = [b"Host", b"Origin", b"Content-Type", b"Content-Length", b"Transfer-Encoding", b"Cookie"]
NAMES += [b"Connection", b"Expect", b"Authorization", b"X-Forwarded-For", b"Accept", b"Upgrade"]
VALUES = [b"", b"0", b"5", b"chunked", b"close", b"100-continue", b"*/*", b"websocket", b"Basic ="]
VALUES += [b"Basic OjoK", b"Bearer x", b"localhost:80", b"[::1", b"text/plain", b"1.2.3.4, ,x"]

methods = st.one_of(
    st.sampled_from([b"GET", b"POST", b"HEAD", b"DELETE", b"OPTIONS", b"PUT", b"CONNECT"]), LINE
)
words = st.sampled_from(
    b"hanger - open read write ack close answer sleep health ready slots %68anger .. // ?".split()
)
parts = st.one_of(words, LINE, st.just(b"a" * 16), st.just(b"%ff"))
targets = st.one_of(
    st.lists(parts, max_size=5).map(lambda found: b"/" + b"/".join(found)),
    st.sampled_from([b"*", b"http://host/hanger/open/", b"http://", b"//", b"/hanger/open/?v=2"]),
    LINE,
)
headers = st.lists(
    st.tuples(st.one_of(st.sampled_from(NAMES), LINE), st.one_of(st.sampled_from(VALUES), LINE)),
    max_size=5,
)
versions = st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2", b""])


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """The bytes of a request, often a good one."""
    line = b" ".join([draw(methods), draw(targets), draw(versions)])
    fields = [b"%s: %s" % pair for pair in draw(headers)]
    body = draw(st.one_of(st.just(b""), st.binary(max_size=300), st.just(b"3\r\nabc\r\n0\r\n\r\n")))
    if body and draw(st.booleans()):
        fields.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([line, *fields, b"", b""]) + body


class FuzzTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemons = [
            Daemon(
                self,
                slots=SlotsSettings(max_body=LIMIT, miss_budget=10**9, read_hop=read_hop),
                http=HttpSettings(trusted_proxies=("192.0.2.0/24",)),
            )
            for read_hop in (25.0, 0.0)
        ]

    def statuses(self, client: Client) -> list[int]:
        """What came back, read leniently, since what was asked may be no request at all."""
        return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", client.wire.value())]

    @given(
        st.lists(requests(), min_size=1, max_size=3),
        st.sampled_from([0, 0, 1, 5]),
        st.sampled_from(["public", "public", "admin"]),
        st.sampled_from([0, 1]),
    )
    @settings(max_examples=400)
    def test_nothing_breaks_it(self, sent: list[bytes], piece: int, door: str, which: int) -> None:
        """No 500, no logged error, nothing left behind."""
        daemon = self.daemons[which]
        client = daemon.connect(door)
        for each in sent:
            client.send(each, piece=piece)
        daemon.clock.pump([60.0, 240.0, 60.0])
        self.assertFalse({500, 408} & set(self.statuses(client)), client.wire.value())
        client.leave()
        self.assertEqual(self.flushLoggedErrors(), [])
        self.assertEqual(daemon.counts["waiting"], 0)
        self.assertEqual(daemon.counts["connections"], 0)

    @given(st.binary(max_size=500))
    def test_noise(self, noise: bytes) -> None:
        client = self.daemons[0].connect()
        client.send(noise)
        client.leave(cleanly=False)
        self.assertEqual(self.flushLoggedErrors(), [])


class SiteTests(SynchronousTestCase):
    def test_by_a_unix_socket(self) -> None:
        daemon = Daemon(self)
        client = daemon.start("POST", "/hanger/open/", peer=UNIX_PEER)
        self.assertEqual(client.answer.status, 200)
        self.assertEqual(daemon.access_log[-1]["client"], "unix")

    def test_no_timers_of_its_own(self) -> None:
        daemon = Daemon(self)
        factory = daemon.clock.tcpServers[0][1]
        factory.doStart()
        self.assertEqual(daemon.timers, [])
        factory.doStop()

    def test_a_connection_leaves_nothing_behind(self) -> None:
        daemon = Daemon(self)
        for cleanly in (True, False):
            client = daemon.start("GET", "/-/health")
            client.leave(cleanly=cleanly)
        self.assertEqual(daemon.timers, [])
        self.assertEqual(daemon.counts["connections"], 0)

    def test_closing_writes_out_what_is_pending(self) -> None:
        daemon = Daemon(self)
        client = daemon.start("GET", "/-/health")
        client.protocol.close()
        self.assertEqual(client.answer.status, 200)
        self.assertTrue(client.wire.disconnecting)

    def test_every_answer_names_us_alone(self) -> None:
        answer = Daemon(self).ask("GET", "/-/health", peer=PEER)
        self.assertEqual(answer.header("server"), "hangerd")
