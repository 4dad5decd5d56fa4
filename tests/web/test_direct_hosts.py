"""Tests of `hangerd.web.direct` with hosts: a call gets the same answer by both roads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from hangerd.control import ControlSecret
from hangerd.hosts.spec import parse_spec
from hangerd.hosts.tokens import CallTokens
from hangerd.slots.limits import Quota
from hangerd.web.auth import ControlToken
from hangerd.web.channel import HttpChannel
from hangerd.web.channels import channels
from hangerd.web.clients import Clients
from hangerd.web.connections import Connections
from hangerd.web.direct import HostsBranch, Often
from hangerd.web.doors import Nothing, Root
from hangerd.web.hosts.access import HostAccess
from hangerd.web.hosts.answers import HostAnswers
from hangerd.web.routes import Routes
from hangerd.web.site import Site, SiteRules
from hangerd.web.wire_form import WireForm
from tests.web.harness import PEER, Client
from tests.web.hosts.test_routes import BEARER, CONTROL, JSON, HostsCase

PATH = "/hosts/work/function/f"
ENVELOPED = BEARER | JSON | {"Accept": "application/json"}
Reply = Callable[[], object]


class CallTests(HostsCase):
    def setUp(self) -> None:
        super().setUp()
        self.coming_in = Quota("bytes that come in", 10**9, 10**9)

    def connect(self, *, direct: bool) -> Client:
        """A connection to our channel, with the direct road or without."""
        root = Root({b"hosts": Routes(self.hosts.app)}, Nothing("Nothing.", "None."))
        rules = SiteRules(lambda path: 10**7, lambda path, origin: [], self.coming_in, Clients(()))
        access = HostAccess(
            ControlToken(ControlSecret(CONTROL)), CallTokens(ControlSecret(CONTROL))
        )
        often = Often([HostsBranch(HostAnswers(self.service, access))], None) if direct else None
        clock = self.world.clock
        made = channels("hangerd", clock, rules, often)
        site = Site(root, clock, rules, (), Connections(9), 60.0, made)
        return Client(site.buildProtocol(PEER), PEER)

    def told(self, client: Client) -> bytes:
        self.world.clock.advance(0)
        return re.sub(rb"\r\nDate: [^\r]*", b"", client.wire.value())

    def same(self, path: str, body: bytes, headers: dict[str, str], reply: Reply) -> bytes:
        """Ask by both roads, reply to each, and compare. Returns what came."""
        found = []
        for direct in (False, True):
            client = self.connect(direct=direct)
            client.request("POST", path, body, headers)
            reply()
            found.append(self.told(client))
            client.leave()
            self.assertEqual(self.coming_in.used, 0)
        self.assertEqual(found[1], found[0])
        return found[0]

    def send(self, op: str, payload: object, **header: object) -> Reply:
        return lambda: self.runner.send(op, payload, id=self.runner.calls[-1].id, **header)

    def test_values_and_faults(self) -> None:
        self.ready(threads=9)
        fault = {"type": "E", "message": "m", "stack": "E: m\n  at f"}
        for reply in (
            self.send("result", "text ä"),
            self.send("result", {"a": None}),
            self.send("result", None),
            self.send("result", 1, type="bytes"),
            self.send("fault", fault, code="function"),
            self.send("fault", {"message": "none"}, code="no_function"),
        ):
            for headers in (BEARER, BEARER | JSON, ENVELOPED):
                told = self.same(PATH, b'{"x": 1}', headers, reply)
                self.assertTrue(told.startswith(b"HTTP/1.1 "))
        self.assertEqual(json.loads(self.runner.calls[-1].payload), {"x": 1})

    def test_texts(self) -> None:
        """As JSON writes them; one that is none is the host's fault, not the visitor's."""
        self.ready(threads=9)
        for payload, answer in (
            (b'"a\\n\\u00e4"', "a\nä".encode()),
            (b'"\\ud83d\\ude00" ', "\U0001f600".encode()),
            (b'"half \\ud83d"', None),
            (b'"no end', None),
        ):

            def reply(payload: bytes = payload) -> None:
                self.runner.send_raw("result", payload, id=self.runner.calls[-1].id)

            told = self.same(PATH, b"{}", BEARER, reply)
            if answer is None:
                self.assertTrue(told.startswith(b"HTTP/1.1 500 "), told)
                self.assertEqual(len(self.flushLoggedErrors()), 2)
            else:
                self.assertTrue(told.endswith(b"\r\n\r\n" + answer), told)

    def test_refusals(self) -> None:
        self.define("open", public=True)
        self.ready()
        for path, headers, status in (
            (PATH, {}, b"401"),
            (PATH, {"Authorization": "Bearer wrong"}, b"401"),
            ("/hosts/none/function/f", BEARER, b"404"),
            ("/hosts/none/function/f", {}, b"401"),
            ("/hosts/open/function/f", {}, b"403"),
            (f"{PATH}?as=x", BEARER, b"400"),
            (f"{PATH}/", BEARER, b"404"),
        ):
            told = self.same(path, b"", headers, lambda: None)
            self.assertTrue(told.startswith(b"HTTP/1.1 " + status), told)

    def test_faults_that_are_told_at_once(self) -> None:
        self.ready(max_concurrency=1, queue=0)
        self.service.define(
            "tool", parse_spec("tool", {"kind": "command", "argv": ["true"]}, Path("/srv"))
        )
        self.connect(direct=False).request("POST", PATH, b"", BEARER)  # which is under way
        pickle = {"Content-Type": "application/x-python-pickle"}
        for path, headers, status in (
            ("/hosts/tool/function/f", BEARER, b"404"),
            (PATH, BEARER | pickle, b"415"),
            (PATH, BEARER, b"503"),
        ):
            told = self.same(path, b"x", headers, lambda: None)
            self.assertTrue(told.startswith(b"HTTP/1.1 " + status), told)
        self.assertEqual(len(self.runner.calls), 1)

    def test_an_answer_that_cannot_be_made_ends_its_own_connection_alone(self) -> None:
        self.ready(threads=9)
        for broken, name, reply in (
            (WireForm, "of", self.send("result", 1)),
            (HttpChannel, "new_request", self.send("item", 1)),
        ):

            def fail(*of: object) -> None:
                raise ValueError

            client = self.connect(direct=True)
            client.request("POST", PATH, b"[]", BEARER)
            patched = self.patch(broken, name, fail)
            reply()
            patched.restore()
            self.assertTrue(client.wire.disconnecting)
            self.assertEqual(len(self.runner.got("cancel")), name == "new_request")
            self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.send("fault", {}, code="cancelled")()
        told = self.same(PATH, b"[]", BEARER, self.send("result", "well"))
        self.assertTrue(told.endswith(b"well"))

    def test_streams(self) -> None:
        """Such an answer goes the ordinary road from its first item on."""
        self.ready(threads=9)

        def items() -> None:
            self.send("item", {"a": 1})()
            self.send("item", 2, type="bytes")()
            self.send("end", None)()

        for more in ({}, {"Accept": "text/event-stream"}):
            told = self.same(PATH, b"[]", BEARER | JSON | more, items)
            self.assertIn(b'{"a":1}', told)
            self.assertTrue(told.endswith(b"0\r\n\r\n"))

    def test_the_client_leaves(self) -> None:
        self.ready(threads=9)
        for direct in (False, True):
            client = self.connect(direct=direct)
            client.request("POST", PATH, b"[]", BEARER)
            self.assertEqual(self.coming_in.used, 2)
            client.leave()
            self.assertEqual(self.coming_in.used, 0)
            self.assertEqual(len(self.runner.got("cancel")), 1 + direct)
            self.send("fault", {}, code="cancelled")()

    def test_the_client_leaves_a_stream(self) -> None:
        self.ready(threads=9)
        for direct in (False, True):
            client = self.connect(direct=direct)
            client.request("POST", PATH, b"[]", BEARER)
            self.send("item", 1)()
            self.assertIn(b"1\n", self.told(client))
            client.leave()
            self.assertEqual(len(self.runner.got("cancel")), 1 + direct)
            self.send("fault", {}, code="cancelled")()

    def test_one_after_the_other(self) -> None:
        """A connection is good for more after each kind of answer."""
        self.ready(threads=9)
        client = self.connect(direct=True)
        for reply in (self.send("result", 1), self.send("item", 2), self.send("result", 3)):
            client.request("POST", PATH, b"[]", BEARER)
            reply()
            if b"chunked" in self.told(client):
                self.send("end", None)()
        self.assertEqual(self.told(client).count(b"HTTP/1.1 200 OK"), 3)
