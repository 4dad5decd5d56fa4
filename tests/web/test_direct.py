"""Tests of `hangerd.web.direct`: a request gets the same answer by both roads, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count

from twisted.trial.unittest import SynchronousTestCase

import hangerd.tap
from hangerd.config import CorsSettings, HttpSettings, SlotsSettings
from hangerd.slots.table import SlotTable
from hangerd.web import channels
from hangerd.web.channel import HttpChannel
from hangerd.web.channel.direct import Direct
from hangerd.web.channel.head import Head
from hangerd.web.direct import DirectRoad
from tests.web.harness import UNIX_PEER, Client, Daemon

FIRST, SECOND = f"{0:016d}", f"{1:016d}"  # the tokens that are made
UNKNOWN = "z" * 16
CHROME = {
    "User-Agent": "Mozilla/5.0",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br",
    "Content-Type": "text/plain;charset=UTF-8",
}


def post(path: str, body: str | bytes = b"", **headers: str) -> bytes:
    """A request; `x_y="z"` is the header x-y."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"POST {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + data


class Road:
    """One daemon, and what its clients got; `taken` counts who went the direct road."""

    def __init__(self, daemon: Daemon, taken: list[bytes]) -> None:
        self.daemon = daemon
        self.taken = taken
        self.clients: list[Client] = []

    def connect(self) -> Client:
        client = self.daemon.connect()
        self.clients.append(client)
        return client

    def send(self, client: Client, data: bytes) -> None:
        client.send(data)
        self.turn()

    def turn(self, seconds: float = 0) -> None:
        self.daemon.clock.advance(seconds)
        self.daemon.clock.advance(0)  # answers leave at the end of a turn

    @property
    def told(self) -> list[bytes]:
        """All that each client got, and whether its connection was closed."""
        return [
            re.sub(rb"\r\nDate: [^\r]*", b"", client.wire.value())
            + (b" closed" if client.wire.disconnecting else b"")
            for client in self.clients
        ]

    @property
    def log(self) -> list[tuple[object, ...]]:
        fields = ("client", "method", "path", "status", "bytes", "seconds")
        return [tuple(event[field] for field in fields) for event in self.daemon.access_log]


Play = Callable[[Road], None]


def asked(*requests: bytes) -> Play:
    """Send requests, one after another, on one connection."""

    def play(road: Road) -> None:
        client = road.connect()
        for request in requests:
            road.send(client, request)

    return play


class RoadsCase(SynchronousTestCase):
    slots = SlotsSettings()
    cors = CorsSettings()
    http = HttpSettings()

    def road(self, *, direct: bool) -> Road:
        tokens: Iterator[int] = count()
        self.patch(hangerd.tap, "Tokens", lambda: lambda: f"{next(tokens):016d}")
        taken: list[bytes] = []

        class Watched(DirectRoad):
            def __call__(self, channel: HttpChannel, head: Head) -> Direct | None:
                found = super().__call__(channel, head) if direct else None
                taken.extend([head.target] if found else [])
                return found

        self.patch(channels, "DirectRoad", Watched)
        daemon = Daemon(self, slots=self.slots, cors=self.cors, http=self.http, channel="hangerd")
        return Road(daemon, taken)

    def same(self, play: Play, *, direct: int | None = None) -> Road:
        """Play by both roads, and compare. `direct` is how many requests went the direct one."""
        ordinary, road = self.road(direct=False), self.road(direct=True)
        for each in (ordinary, road):
            play(each)
        self.assertEqual(ordinary.taken, [])
        if direct is not None:
            self.assertEqual(len(road.taken), direct, road.taken)
        self.assertEqual(road.told, ordinary.told)
        self.assertEqual(road.log, ordinary.log)
        self.assertEqual(road.daemon.counts, ordinary.daemon.counts)
        return road


def cycle(open_: str = "/hanger/open/", **headers: str) -> list[bytes]:
    """What the Brython Runner sends for one input."""
    return [
        post(open_, **headers),
        post(f"/hanger/{FIRST}/write/", "data", **headers),
        post(f"/hanger/{FIRST}/read/", **headers),
    ]


class SlotsTests(RoadsCase):
    def test_legacy(self) -> None:
        road = self.same(asked(*cycle(), post(f"/hanger/{FIRST}/read/")), direct=4)
        for part in (FIRST.encode(), b"\r\n\r\ndata", b"unknown_slot", b"Hanger-Protocol: 2"):
            self.assertIn(part, road.told[0])
        self.same(asked(*cycle(**CHROME)), direct=3)
        self.same(asked(*(each.replace(b"/ HTTP", b" HTTP") for each in cycle())), direct=3)

    def test_version_2(self) -> None:
        write = post(f"/hanger/{SECOND}/write/", b"\0\xff", Content_Type="application/x-thing")
        road = self.same(
            asked(
                post("/hanger/open/?v=2&ttl=9"),
                post(f"/hanger/{SECOND}/write/?wait=acked&timeout=0", "x" * 3000),
                write,
                post(f"/hanger/{SECOND}/write/?replace&wait=acked&timeout=0", "y"),
                post(f"/hanger/{SECOND}/read/"),
                post(f"/hanger/{FIRST}/write/", "z"),
                post(f"/hanger/{FIRST}/read/?wait=0"),
                write,
                post(f"/hanger/{FIRST}/read/?lease={2:016d}"),
                post(f"/hanger/{FIRST}/ack/"),
                post(f"/hanger/{FIRST}/ack/?lease={2:016d}"),
                post(f"/hanger/{FIRST}/ack/?lease={2:016d}"),
                post(f"/hanger/{FIRST}/read/"),
                post("/hanger/open/?v=2&value", "filled", Content_Type="text/html"),
                post(f"/hanger/{3:016d}/read/"),
            ),
            direct=15,
        )
        for part in (b"Hanger-Lease: ", b"wrong_token", b"already_written", b"slot_ended"):
            self.assertIn(part, road.told[0])

    def test_what_is_not_understood(self) -> None:
        odd = ["?v=3", "?ttl=0", "?ttl=x", "?ttl=1&ttl=2", "?v=%ff", "?&&=", "?v=2;x"]
        self.same(asked(*(post(f"/hanger/open/{query}") for query in odd)), direct=len(odd))
        self.same(
            asked(
                post("/hanger/open/"),
                post(f"/hanger/{FIRST}/write/?wait=x"),
                post(f"/hanger/{FIRST}/write/", Content_Type="x" * 256),
                post(f"/hanger/{FIRST}/read/?hop=x"),
                post(f"/hanger/{UNKNOWN}/read/"),
                post(f"/hanger/{UNKNOWN}/write/", "x"),
            ),
            direct=6,
        )

    def test_what_goes_the_ordinary_road(self) -> None:
        for request in (
            post("/hanger/open/", Connection="close"),
            post("/hanger/open/").replace(b"HTTP/1.1", b"HTTP/1.0"),
            post("/hanger/open/").replace(b"POST", b"GET"),
            post("/hanger/open/").replace(b"POST", b"HEAD"),
            post("/hanger/open/").replace(b"POST", b"OPTIONS"),
            post("/hanger/open/", "x", Expect="100-continue"),
            post("//hanger/open/"),
            post("/hanger//open/"),
            post("/%68anger/open/"),
            post("/hanger/open/x"),
            post(f"/hanger/{UNKNOWN[1:]}/read/"),
            post(f"/hanger/{UNKNOWN.upper()}/read/"),
            post(f"/hanger/{UNKNOWN}/close/"),
            post("/other"),
            post("/hanger/open/").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
            + b"0\r\n\r\n",
        ):
            self.same(asked(request), direct=0)

    def test_absolute_form(self) -> None:
        self.same(asked(post("http://localhost/hanger/open/?v=2")), direct=1)

    def test_a_body_in_pieces(self) -> None:
        whole = post(f"/hanger/{FIRST}/write/", "data" * 100)
        for cut in (30, len(whole) - 400, len(whole) - 1):
            self.same(asked(post("/hanger/open/"), whole[:cut], whole[cut:], *cycle()[2:]))

    def test_pipelined(self) -> None:
        road = self.same(asked(b"".join([*cycle(), *[post("/hanger/open/")] * 24])), direct=27)
        self.assertEqual(road.told[0].count(b"HTTP/1.1 "), 27)
        get = b"GET /-/health HTTP/1.1\r\nHost: x\r\n\r\n"
        self.same(asked(get.join([*cycle(), b"BAD\r\n\r\n"])), direct=3)


class WaitingTests(RoadsCase):
    """A read that hangs, and each way in which its wait ends."""

    def reading(self, *, query: str = "", open_: str = "/hanger/open/") -> Play:
        def play(road: Road) -> None:
            asked(post(open_))(road)
            asked(post(f"/hanger/{FIRST}/read/{query}", **CHROME))(road)

        return play

    def test_a_value(self) -> None:
        def play(road: Road) -> None:
            self.reading()(road)
            self.assertEqual(road.told[1], b"")
            road.turn(1.5)
            asked(post(f"/hanger/{FIRST}/write/", "late"))(road)

        road = self.same(play, direct=3)
        self.assertTrue(road.told[1].endswith(b"late"))
        self.assertEqual(road.log[1][-1], 1.5)  # the write; the read's line is there before it

    def test_a_hop(self) -> None:
        def play(road: Road) -> None:
            self.reading(query="?hop=2")(road)
            road.turn(self.slots.read_hop)

        self.assertIn(b"Location: ?hop=3", self.same(play, direct=2).told[1])

    def test_no_wait(self) -> None:
        road = self.same(self.reading(query="?wait=0", open_="/hanger/open/?v=2"), direct=2)
        self.assertIn(b"204 No Content", road.told[1])

    def test_a_close(self) -> None:
        def play(road: Road) -> None:
            self.reading()(road)
            asked(post(f"/hanger/{FIRST}/close/?reason=eof"))(road)

        self.assertIn(b"Hanger-Closed: eof", self.same(play, direct=2).told[1])

    def test_a_shutdown(self) -> None:
        def play(road: Road) -> None:
            self.reading()(road)
            road.daemon.service.stopService()
            road.turn()

        self.assertIn(b"Retry-After: 2", self.same(play, direct=2).told[1])

    def test_the_client_leaves(self) -> None:
        for cleanly in (True, False):

            def play(road: Road, cleanly: bool = cleanly) -> None:
                self.reading()(road)
                self.assertEqual(road.daemon.counts["waiting"], 1)
                road.clients[-1].leave(cleanly=cleanly)
                self.assertEqual(road.daemon.counts["waiting"], 0)
                asked(*cycle()[1:])(road)

            self.assertTrue(self.same(play, direct=4).told[2].endswith(b"data"))

    def test_a_lost_answer_is_there_again(self) -> None:
        def play(road: Road) -> None:
            self.reading()(road)
            asked(cycle()[1])(road)
            road.clients[1].leave(cleanly=False)
            asked(cycle()[2])(road)

        self.assertTrue(self.same(play, direct=4).told[3].endswith(b"data"))

    def test_an_answer_that_arrived_is_not(self) -> None:
        def play(road: Road) -> None:
            self.reading()(road)
            asked(cycle()[1])(road)
            road.send(road.clients[1], post("/hanger/open/"))
            asked(cycle()[2])(road)

        self.assertIn(b"unknown_slot", self.same(play, direct=5).told[3])

    def test_waiting_for_the_acknowledgement(self) -> None:
        def play(road: Road) -> None:
            asked(post("/hanger/open/?v=2"))(road)
            asked(post(f"/hanger/{SECOND}/write/?wait=acked", "x"))(road)
            asked(post(f"/hanger/{FIRST}/read/"), post(f"/hanger/{FIRST}/ack/?lease={2:016d}"))(
                road
            )

        self.assertIn(b'"acked"', self.same(play, direct=4).told[1])

    def test_pipelined_behind_a_wait(self) -> None:
        def play(road: Road) -> None:
            asked(post("/hanger/open/"))(road)
            asked(post(f"/hanger/{FIRST}/read/") + post("/hanger/open/"))(road)
            asked(cycle()[1])(road)

        self.assertEqual(self.same(play, direct=4).told[1].count(b" 200 OK"), 2)


class BoundsTests(RoadsCase):
    slots = SlotsSettings(max_body=50, max_slots_per_client=1, miss_budget=1)
    http = HttpSettings(max_receiving_per_client=40, trusted_proxies=("unix",))

    def test_each(self) -> None:
        for size, direct in ((40, 1), (41, 0), (51, 0)):
            self.same(asked(post(f"/hanger/{UNKNOWN}/write/", "x" * size)), direct=direct)
        self.same(asked(post("/hanger/open/"), post("/hanger/open/")), direct=2)
        self.same(asked(*[post(f"/hanger/{UNKNOWN}/read/")] * 3), direct=3)

    def test_clients_behind_a_proxy(self) -> None:
        def play(road: Road) -> None:
            road.clients.append(road.daemon.connect(peer=UNIX_PEER))
            for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
                road.send(road.clients[0], post("/hanger/open/", X_Forwarded_For=address))

        road = self.same(play, direct=3)
        self.assertIn("192.0.2.2", [line[0] for line in road.log])
        self.assertEqual(road.told[0].count(b" 429 "), 1)


class CorsTests(RoadsCase):
    cors = CorsSettings(origins=("https://a.example", "https://c.example"), credentials=True)

    def test_origins(self) -> None:
        for origin, direct in (
            ("https://a.example", 4),
            ("https://c.example", 4),
            ("null", 0),
            ("https://b.example", 0),
            ("http://localhost", 0),
        ):
            again = post(f"/hanger/{FIRST}/read/", Origin=origin)
            self.same(asked(*cycle(Origin=origin), again), direct=direct)
        self.same(asked(*cycle()), direct=3)


class AnyOriginTests(RoadsCase):
    def test_it(self) -> None:
        self.same(asked(*cycle(Origin="https://a.example")), direct=3)


class FailureTests(RoadsCase):
    def test_what_nobody_foresaw(self) -> None:
        def break_(road: Road) -> None:
            def boom(*_: object, **__: object) -> None:
                raise RuntimeError("boom")

            self.patch(SlotTable, "open", boom)
            asked(post("/hanger/open/"))(road)

        self.same(break_, direct=1)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)
