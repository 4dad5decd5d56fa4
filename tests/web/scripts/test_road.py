"""Tests of `hangerd.web.scripts.road`: the same bytes come by both roads."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Callable
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.note import RunNote
from hangerd.scripts.paths import RootSettings
from hangerd.slots.limits import Quota
from hangerd.web.access import Finished
from hangerd.web.channels import channels
from hangerd.web.clients import Clients
from hangerd.web.connections import Connections
from hangerd.web.direct import Often
from hangerd.web.doors import Nothing, Root
from hangerd.web.files.documents import Documents
from hangerd.web.packing import Packing
from hangerd.web.scripts.exchange import ScriptExchange
from hangerd.web.scripts.requests import ScriptRequests
from hangerd.web.scripts.road import ScriptRoad
from hangerd.web.site import Site, SiteRules
from hangerd.web.websockets.upgrades import Upgrades
from tests.scripts.serving import Serving
from tests.web.harness import PEER, Client

LEFT = "disconnect"
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"


class Served:
    """A root behind a site; `direct` says by which roads its scripts may be asked for."""

    def __init__(self, *, direct: bool) -> None:
        self.serving = Serving(queue=2)
        clock = self.serving.clock
        clients = Clients(())
        upgrades = Upgrades((), clock, clock.callFromThread, debug=False)
        requests = ScriptRequests(self.serving.service, clients, upgrades, clock, Packing(clock))
        documents = Documents(RootSettings(str(self.serving.root)), clock, requests)
        self.road = ScriptRoad(documents.rules, self.note(requests))
        self.taken = 0
        self.lines: list[Finished] = []
        quota = Quota("bytes that come in", 10**9, 10**9)
        rules = SiteRules(lambda path: 10**7, lambda path, origin: [], quota, clients)
        self.site = Site(
            Root({b"hosts": Nothing("No hosts.", "None.")}, documents),
            clock,
            rules,
            [self.lines.append],
            Connections(9),
            60.0,
            channels("hangerd", clock, rules, Often([], self.road if direct else None)),
        )

    def note(self, answer: ScriptRequests) -> Callable[..., None]:
        def noted(request: ScriptExchange, script: object) -> None:
            self.taken += 1
            answer(request, script)  # type: ignore[arg-type]

        return noted

    def connect(self) -> Client:
        return Client(self.site.buildProtocol(PEER), PEER)

    def ask(self, client: Client, path: str, **headers: str) -> None:
        client.request("GET", path, b"", [(k.replace("_", "-"), v) for k, v in headers.items()])
        self.turn()

    def turn(self) -> None:
        """Let threads work and the reactor turn."""
        self.serving.clock.advance(0)
        self.serving.work()
        self.serving.clock.advance(0)

    def told(self, client: Client) -> bytes:
        """What a client got, without what differs each time; and whether it was closed."""
        differs = rb"(?i)\r\n(?:Date|ETag): [^\r]*|nonce[-=\"]+[^'\" ]+"
        told = re.sub(differs, b"", client.wire.value())
        told = re.sub(rb"\b[0-9a-f]{16}\b", b"ID", told)
        told = told.replace(str(self.serving.root).encode(), b"ROOT")
        return told + (b" closed" if client.wire.disconnecting else b"")


def same_run(line: Finished) -> Finished:
    """A line without what differs each time."""
    return line._replace(run=line.run and replace(line.run, run="ID"))


class RoadsTests(SynchronousTestCase):
    """Each script is asked for twice: the first time makes it known."""

    def same(self, source: str, *, direct: int = 1, path: str = "/a.py", **headers: str) -> bytes:
        """Ask by both roads, and compare. `direct` is how often the direct one was taken."""
        found = []
        for by_both in (False, True):
            served = Served(direct=by_both)
            (served.serving.root / "a.py").write_text(source)
            (served.serving.root / "b.txt").write_text("text")
            client = served.connect()
            for _ in range(2):
                served.ask(client, path, **headers)
            self.assertEqual(served.taken, direct if by_both else 0)
            lines = [same_run(line._replace(seconds=0.0)) for line in served.lines]
            found.append((served.told(client), lines, served.serving.service.totals.ended))
            served.serving.close()
        self.assertEqual(found[0], found[1])
        return found[0][0]

    def test_text_and_markup(self) -> None:
        self.assertIn(b"6\r\nHello\n\r\n0\r\n\r\n", self.same("print('Hello')"))
        self.assertIn(b"text/html", self.same("print('<p>'); print(1)"))
        self.assertIn(b"<pre", self.same("print('Hello')", accept=PAGE))

    def test_a_page_at_once_and_bit_by_bit(self) -> None:
        for source in (
            "import sys\nprint('a', file=sys.stderr); print(1)",
            "# hangerd: stderr = page\nimport sys\nprint('a', file=sys.stderr); print(1)",
            "print(' ' * 9)",
            "print('x' * 70_000)",
            "print('x' * 50_000); print('y' * 50_000)",
            "print('a'); exit(3)",
            "pass",
        ):
            self.same(source, direct=1)

    def test_a_run_that_is_over_is_gone_without_the_garbage_collector(self) -> None:
        self.addCleanup(gc.enable)
        gc.disable()
        served = Served(direct=True)
        self.addCleanup(served.serving.close)
        client = served.connect()
        for source in ("print('<p>')", "print('<p>' + 'x' * 5000)"):
            (served.serving.root / "a.py").write_text("# hangerd: compress=on\n" + source)
            for _ in range(2):
                for accept in ("*/*", PAGE):
                    headers = [("Accept-Encoding", "gzip"), ("Accept", accept)]
                    client.request("GET", "/a.py", b"", headers)
                    active = served.serving.active_run
                    run, visitor = weakref.ref(active), weakref.ref(active._visitor)
                    del active
                    served.turn()
                    self.assertEqual((run(), visitor()), (None, None), source)

    def test_packed(self) -> None:
        """The ordinary road looks at each page, so the direct one has to tell which is tiny."""
        for source, accepts in (
            ("print('<p>' + 'x' * 5000)", ("*/*", PAGE)),
            ("print('<p>')", ("*/*", PAGE)),
            ("pass", ("*/*", PAGE)),
            ("print('x' * 5000)", ("*/*",)),  # a browser's page of it has a nonce in it
            ("print('x' * 50_000); print('y' * 50_000)", ("*/*",)),
        ):
            for accept in accepts:
                for coding in ("gzip", "br"):
                    opted = f"# hangerd: compress=on\n{source}"
                    self.same(opted, accept=accept, accept_encoding=coding)
        packed = "# hangerd: compress=on\nprint('<p>' + 'x' * 5000)"
        self.assertIn(b"Encoding: gzip", self.same(packed, accept_encoding="gzip"))
        self.assertNotIn(b"Encoding: gzip", self.same(packed, accept_encoding="gzip;q=0"))

    def test_headers_cookies_and_statuses(self) -> None:
        for line in (
            "set_status(404, 'Not here')",
            "set_status(204)",
            "set_status(304)",
            "set_header('Server', 'mine')",
            "set_header('Content-Length', '2')",
            "append_header('X-Two', 'a'); r.append_header('X-Two', 'b')",
            "set_cookie('a', 'b')",
        ):
            self.same(f"from hangerd import response as r\nr.{line}\nprint(1)")
            self.same(f"from hangerd import response as r\nr.{line}")

    def test_a_connection_that_the_script_closes(self) -> None:
        told = self.same("from hangerd import response as r\nr.close()\nprint(1)", direct=0)
        self.assertIn(b"Connection: close\r\n", told)
        self.assertTrue(told.endswith(b" closed"))

    def test_failures(self) -> None:
        for source, direct in (("1 / 0", 1), ("print(1)\n1 / 0", 0), ("exit(3)", 1), ("(", 1)):
            self.same(source, direct=direct)
            self.same(source, direct=direct, accept=PAGE)
        self.flushLoggedErrors()

    def test_what_a_script_is_told(self) -> None:
        told = self.same(
            "for key in sorted(__server__):\n"
            "    if key != 'modules': print(key, __server__[key])\n"
            "from hangerd import request, context\n"
            "context.count = context.get('count', 0) + 1\n"
            "print(context.count, request.is_secure, request.headers.pairs())",
            path="/a.py/more/?q=1",
            x_one="1",
            cookie="a=b",
        )
        self.assertIn(b"PATH_INFO /more\n", told)
        self.assertIn(b"\n2 False", told)

    def test_a_connection_for_one_page(self) -> None:
        for source in ("print(1)", "import sys\nprint(2, flush=True)", "exit(3)", "1 / 0", ""):
            found = []
            for direct in (False, True):
                served = Served(direct=direct)
                (served.serving.root / "a.py").write_text(source)
                served.ask(served.connect(), "/a.py")
                served.ask(client := served.connect(), "/a.py", connection="close")
                self.assertEqual(served.taken, int(direct))
                found.append(served.told(client))
                served.serving.close()
            self.assertEqual(found[0], found[1])
            self.assertIn(b"Connection: close\r\n", found[0])
            self.assertTrue(found[0].endswith(b" closed"))

    def test_what_is_unusual_goes_the_ordinary_road(self) -> None:
        self.same("print(1)", direct=0, upgrade="websocket")
        self.same("print(1)", direct=0, path="/b.txt")
        self.same("print(1)", direct=0, path="/none.py")
        self.same("print(1)", direct=0, path="//a.py")


class NotesTests(SynchronousTestCase):
    """What the access log says of a run, by both roads."""

    def told(self, source: str, then: Callable[[Served, Client], None]) -> list[tuple[str, float]]:
        """Ask for a script, by both roads, while another has the only thread."""
        found = []
        for direct in (False, True):
            served = Served(direct=direct)
            (script := served.serving.root / "a.py").write_text("")
            (served.serving.root / "b.py").write_text("")
            served.ask(client := served.connect(), "/a.py")
            script.write_text(source)
            served.connect().request("GET", "/b.py")
            client.request("GET", "/a.py")
            self.assertEqual(served.taken, int(direct))
            then(served, client)
            first, *notes = (line.run for line in served.lines)
            served.serving.close()
            self.assertEqual(first, RunNote(first.run if first else "", "/a.py"))
            (note,) = (note for note in notes if note and note.script == "/a.py")
            self.assertEqual(len(note.run), 16)
            found.append((note.ended, note.waited))
        return found

    def test_how_long_it_waited(self) -> None:
        def later(served: Served, client: Client) -> None:
            served.serving.clock.advance(0.25)
            served.turn()
            served.turn()

        self.assertEqual(self.told("print(1)", later), [("", 0.25)] * 2)
        self.assertEqual(self.told("print(1); exit(3)", later), [("exit", 0.25)] * 2)
        self.assertEqual(self.told("print(1); 1 / 0", later), [("error", 0.25)] * 2)
        self.flushLoggedErrors()

    def test_who_left_is_one_line_at_that_moment(self) -> None:
        def leave(served: Served, client: Client) -> None:
            client.leave()
            self.assertEqual(len(served.lines), 2)
            served.turn()

        self.assertEqual(self.told("print(1)", leave), [("disconnect", 0.0)] * 2)

    def test_who_waited_too_long_for_a_thread(self) -> None:
        def wait(served: Served, client: Client) -> None:
            served.serving.clock.pump([1.0] * 6)
            served.turn()

        self.assertEqual(self.told("print(1)", wait), [("timeout", 5.0)] * 2)


class ExchangeTests(SynchronousTestCase):
    """What takes its time on the direct road."""

    def setUp(self) -> None:
        self.served = Served(direct=True)
        self.addCleanup(self.served.serving.close)
        self.client = self.served.connect()

    def ask(self, source: str, **headers: str) -> None:
        script = self.served.serving.root / "a.py"
        script.write_text("")
        self.served.ask(self.client, "/a.py")
        script.write_text(source)
        self.client.wire.clear()
        self.client.request("GET", "/a.py", b"", headers)
        self.assertEqual(self.served.taken, 1)

    def test_who_leaves_is_noticed(self) -> None:
        self.ask("print(1)")
        run = self.served.serving.active_run.run
        self.client.leave()
        self.assertTrue(run.disconnected)
        self.assertEqual([line.run and line.run.ended for line in self.served.lines], ["", LEFT])
        self.served.turn()
        self.assertEqual(self.served.serving.service.totals.ended, {"done": 1, "disconnect": 1})

    def test_a_slow_client_holds_the_run_back(self) -> None:
        self.ask("print('a' * 100_000)")
        self.client.protocol._channel.pauseProducing()
        self.served.turn()
        self.assertLess(len(self.client.wire.value()), 100_000)
        self.client.protocol._channel.resumeProducing()
        self.served.turn()
        self.assertIn(b"a\n\r\n0\r\n\r\n", self.client.wire.value())

    def test_a_page_can_be_asked(self) -> None:
        self.ask("print(1)", accept=PAGE)
        run = self.served.serving.active_run.run
        self.assertTrue(run.visit.interactive)

    def test_a_full_line_is_a_refusal(self) -> None:
        self.ask("print(1)")
        others = [self.served.connect() for _ in range(3)]
        for other in others:
            other.request("GET", "/a.py")
        self.served.serving.clock.advance(0)
        self.assertIn(b"503", others[-1].wire.value())
        self.assertIn(b"Retry-After: 2", others[-1].wire.value())

    def test_a_script_that_went_is_not_there(self) -> None:
        self.ask("print(1)")
        self.served.turn()
        (self.served.serving.root / "a.py").unlink()
        self.client.wire.clear()
        self.served.ask(self.client, "/a.py")
        self.assertIn(b" 404 ", self.client.wire.value())
        self.assertEqual(self.served.taken, 1)

    def test_an_edit_is_live_at_once(self) -> None:
        self.ask("print(1)")
        self.served.turn()
        (self.served.serving.root / "a.py").write_text("print(2)")
        self.served.ask(self.client, "/a.py")
        self.assertIn(b"\r\n2\n\r\n0\r\n\r\n", self.client.wire.value())

    def test_what_our_own_code_gets_wrong_is_an_answer(self) -> None:
        self.ask("print(1)")
        self.served.turn()
        self.client.wire.clear()
        self.patch(self.served.serving.service, "run", None)
        self.served.ask(self.client, "/a.py")
        self.assertIn(b" 500 ", self.client.wire.value())
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 1)
