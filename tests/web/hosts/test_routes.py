"""The hosts over HTTP, on a site in memory with runners that the test plays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import IResource

from hangerd.control import ControlSecret
from hangerd.hosts.definitions import Definitions
from hangerd.hosts.host import Host
from hangerd.hosts.log import HostLog
from hangerd.hosts.restarts import Exit
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import parse_spec
from hangerd.hosts.tokens import CallTokens
from hangerd.slots.limits import Quota
from hangerd.web.auth import ControlToken
from hangerd.web.clients import Clients
from hangerd.web.connections import Connections
from hangerd.web.doors import Nothing, Root
from hangerd.web.hosts.access import HostAccess
from hangerd.web.hosts.answers import HostAnswers
from hangerd.web.hosts.jshost import JsHostApp
from hangerd.web.hosts.routes import HostsApp
from hangerd.web.http1 import Channel
from hangerd.web.routes import Routes
from hangerd.web.site import Site, SiteRules
from tests.hosts.fakes import FakeRunner, NoFile, World, shown
from tests.web.harness import PEER, Answer, Client

CONTROL = "control-token-0123456789"
BEARER = {"Authorization": f"Bearer {CONTROL}"}
JSON = {"Content-Type": "application/json"}


class HostsCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.folder = Path(self.mktemp())
        self.service = HostsService(self.world.around, self.folder)
        self.service.startService()
        self.tokens = CallTokens(ControlSecret(CONTROL))
        access = HostAccess(ControlToken(ControlSecret(CONTROL)), self.tokens)
        calls = HostAnswers(self.service, access)
        definitions = Definitions(self.service, self.folder / "hosts", Path("/srv"))
        self.hosts = HostsApp(self.service, access, calls, definitions, self.world.clock)
        self.closed = HostsApp(self.service, access, calls, None, self.world.clock)
        self.js = JsHostApp(lambda: self.service.get("work"))

    def define(self, name: str = "work", **given: Any) -> Host:
        spec = parse_spec(name, {"kind": "python", "module": "work", **given}, Path("/srv"))
        host = self.service.define(name, spec)
        host.log = HostLog(NoFile(), lambda: 0.0)
        return host

    def client(self, app: Any = None) -> Client:
        nothing = Nothing("Nothing.", "None.")
        resource: IResource = Routes((app or self.hosts).app)
        root = resource if app is self.js else Root({b"hosts": resource}, nothing)
        clients, coming_in = Clients(()), Quota("bytes that come in", 10**9, 10**9)
        rules = SiteRules(lambda path: 10**7, lambda path, origin: [], coming_in, clients)
        site = Site(root, self.world.clock, rules, (), Connections(100), 60.0, Channel)
        return Client(site.buildProtocol(PEER), PEER)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        app: Any = None,
    ) -> Client:
        client = self.client(app)
        client.request(method, path, body, BEARER if headers is None else headers)
        return client

    def answer(self, *request: Any, **more: Any) -> Answer:
        (found,) = self.ask(*request, **more).answers
        return found

    @property
    def runner(self) -> FakeRunner:
        return self.world.runner

    def ready(self, **given: Any) -> Host:
        host = self.define(**given)
        host.pool.start()
        self.runner.ready("f", "g")
        return host


class Control(HostsCase):
    def test_specs_are_put_shown_changed_and_deleted(self) -> None:
        body = json.dumps({"kind": "python", "path": "a.py", "env": {"KEY": "secret"}}).encode()
        made = self.answer("PUT", "/hosts/work", body)
        self.assertEqual((made.status, made.json["path"]), (201, "/srv/a.py"))
        self.assertEqual(made.json["env"], {"KEY": "..."})
        self.assertEqual(made.json["call_token"], self.tokens.of("work"))
        self.assertEqual(self.answer("PUT", "/hosts/work/", body).status, 200)
        self.assertEqual(self.answer("GET", "/hosts/work").json["name"], "work")
        self.assertEqual(list(self.answer("GET", "/hosts/").json["hosts"]), ["work"])
        self.assertEqual(self.answer("DELETE", "/hosts/work").status, 204)
        self.assertEqual(self.answer("GET", "/hosts/work").status, 404)

    def test_a_bad_spec_is_told_with_its_remedy(self) -> None:
        for body, words in [
            (b"{", "not JSON"),
            (b"[1]", "not a JSON object"),
            (b'{"kind": "js", "path": "x", "instance": 2}', "unknown field instance"),
        ]:
            told = self.answer("PUT", "/hosts/work", body)
            self.assertEqual(told.status, 400)
            self.assertIn(words, told.json["message"])
        self.assertIn("instances", told.json["remedy"])

    def test_everything_needs_the_control_token(self) -> None:
        self.define()
        call_token = {"Authorization": f"Bearer {self.tokens.of('work')}"}
        for method, path in [
            ("GET", "/hosts/"),
            ("PUT", "/hosts/work"),
            ("GET", "/hosts/work"),
            ("DELETE", "/hosts/work"),
            ("POST", "/hosts/work/start"),
            ("POST", "/hosts/work/stop"),
            ("POST", "/hosts/work/restart"),
            ("GET", "/hosts/work/state"),
            ("GET", "/hosts/work/log"),
        ]:
            for headers in ({}, call_token, {"Cookie": f"token={CONTROL}"}):
                self.assertEqual(self.answer(method, path, b"", headers).status, 401, path)
        self.assertEqual(self.world.launcher.runners, [])

    def test_specs_can_be_closed(self) -> None:
        body = b'{"kind": "python", "module": "m"}'
        self.assertEqual(self.answer("PUT", "/hosts/x", body, app=self.closed).status, 403)
        self.define()
        self.assertEqual(self.answer("DELETE", "/hosts/work", app=self.closed).status, 403)
        self.assertEqual(self.answer("GET", "/hosts/work", app=self.closed).status, 200)

    def test_start_restart_and_stop_answer_when_it_is_so(self) -> None:
        self.define()
        starting = self.ask("POST", "/hosts/work/start")
        self.assertEqual(starting.answers, [])
        self.runner.ready("f")
        self.assertEqual(starting.answers[0].json["state"], "ready")
        restarting = self.ask("POST", "/hosts/work/restart")
        self.runner.ready("f")
        self.assertEqual(restarting.answers[0].json["instances"][0]["number"], 2)
        stopping = self.ask("POST", "/hosts/work/stop")
        for runner in self.world.launcher.alive:
            runner.die(Exit(status=0))
        self.assertEqual(stopping.answers[0].json["state"], "stopped")
        self.assertEqual(self.answer("GET", "/hosts/work/state").json["calls"], 0)

    def test_a_start_that_fails_is_told(self) -> None:
        self.define(restart="never")
        starting = self.ask("POST", "/hosts/work/start")
        self.runner.watcher.process_wrote("stderr", b"no such thing\n")
        self.runner.die(Exit(status=1))
        told = starting.answers[0]
        self.assertEqual(told.status, 503)
        self.assertIn("no such thing", told.text)

    def test_unknown_hosts_and_paths(self) -> None:
        self.assertEqual(self.answer("GET", "/hosts/x/state").json["error"], "no_host")
        self.assertEqual(self.answer("POST", "/hosts/x/function/f").json["error"], "no_host")
        self.assertEqual(self.answer("POST", "/hosts/x/function/f", b"", {}).status, 401)
        self.assertEqual(self.answer("GET", "/hosts/x/y/z").status, 404)
        self.assertEqual(self.answer("GET", "/hosts/work/start").status, 405)


class Calls(HostsCase):
    def call(
        self, payload: object = None, path: str = "/hosts/work/function/f", **headers: str
    ) -> Client:
        given = BEARER | JSON | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, json.dumps(payload).encode(), given)

    def test_values_come_as_what_they_are(self) -> None:
        self.ready(threads=9)
        for value, body, kind in [
            ("text ä", "text ä".encode(), "text/plain; charset=utf-8"),
            ({"a": None}, b'{"a":null}', "application/json"),
            (False, b"false", "application/json"),
            (0, b"0", "application/json"),
            (None, b"null", "application/json"),
            ("", b"", "text/plain; charset=utf-8"),
        ]:
            client = self.call({"x": 1})
            self.runner.answer(value)
            (told,) = client.answers
            self.assertEqual(
                (told.status, told.body, told.header("content-type")), (200, body, kind)
            )
        self.assertEqual(shown(self.runner.calls[0]), {"x": 1})

    def test_envelopes_keep_the_type(self) -> None:
        self.ready()
        client = self.call(accept="application/json")
        self.runner.answer("5")
        self.assertEqual(client.answers[0].json, {"type": "json", "value": "5"})
        client = self.call(accept="application/json")
        self.runner.send("result", 1, id=self.runner.calls[-1].id, type="bytes")
        self.assertEqual(client.answers[0].json, {"type": "bytes", "value": "MQ=="})
        client = self.call()
        self.runner.send("result", 1, id=self.runner.calls[-1].id, type="bytes")
        told = client.answers[0]
        self.assertEqual(
            (told.body, told.header("content-type")), (b"1", "application/octet-stream")
        )

    def test_bodies_are_passed_as_their_type_says(self) -> None:
        self.ready(threads=9, pickle=True)
        for kind, passed, payload in [
            ("application/json; charset=utf-8", None, b"[1]"),
            ("application/octet-stream", "bytes", b"[1]"),
            ("application/x-python-pickle", "pickle", b"[1]"),
            ("application/x-www-form-urlencoded", None, b""),
        ]:
            self.ask("POST", "/hosts/work/function/f", b"[1]", BEARER | {"Content-Type": kind})
            frame = self.runner.calls[-1]
            self.assertEqual((frame.header.get("type"), frame.payload), (passed, payload))
        self.call({"args": [1]}, "/hosts/work/function/f?as=arguments&timeout=3.5&hash=x")
        frame = self.runner.calls[-1]
        self.assertEqual((frame.header["as"], frame.header["timeout"]), ("arguments", 3.5))
        self.call({}, "/hosts/work/function/f?timeout=0")
        frame = self.runner.calls[-1]
        self.assertIsNone(frame.header["timeout"])
        self.assertEqual(self.call(0, "/hosts/work/function/f?as=x").answers[0].status, 400)
        self.call(0, accept="application/x-python-pickle")
        self.assertEqual(self.runner.calls[-1].header["accept"], "pickle")
        client = self.call(0)
        self.runner.send("result", 1, id=self.runner.calls[-1].id, type="pickle")
        self.assertEqual(client.answers[0].header("content-type"), "application/x-python-pickle")

    def test_faults_are_stacks_or_told_in_full(self) -> None:
        self.ready()
        fault = {"type": "E", "message": "m", "stack": "E: m\n  at f"}
        client = self.call()
        self.runner.send("fault", fault, id=self.runner.calls[-1].id, code="function")
        self.assertEqual((client.answers[0].status, client.answers[0].text), (500, fault["stack"]))
        client = self.call(accept="application/json")
        self.runner.send("fault", fault, id=self.runner.calls[-1].id, code="function")
        told = client.answers[0].json
        self.assertEqual((told["error"], told["fault"]["host"]), ("function", "work"))

    def test_each_fault_of_ours_has_its_status(self) -> None:
        self.ready(queue=0, max_concurrency=1)
        late = self.call(0, "/hosts/work/function/f?timeout=1")
        busy = self.call()
        self.assertEqual(
            (busy.answers[0].status, busy.answers[0].header("retry-after")), (503, "1")
        )
        self.world.clock.advance(1)
        self.assertEqual(late.answers[0].status, 504)
        number = self.runner.calls[-1].id
        self.runner.send("fault", {}, id=number, code="cancelled")
        unknown = self.call()
        number = self.runner.calls[-1].id
        said = {"message": 'Not found. Unknown function "f"'}
        self.runner.send("fault", said, id=number, code="no_function")
        self.assertEqual(unknown.answers[0].status, 404)
        self.assertEqual(unknown.answers[0].text, said["message"])
        dying = self.call()
        self.runner.die(Exit(signal=9))
        self.assertEqual(dying.answers[0].status, 502)

    def test_a_client_that_leaves_cancels_its_call(self) -> None:
        self.ready()
        client = self.call()
        client.leave()
        self.assertEqual(len(self.runner.got("cancel")), 1)

    def test_tokens_and_public_hosts(self) -> None:
        self.define(threads=99)
        self.define("other")
        self.define("open", public=True, origins=["https://own.example"])
        own = {"Authorization": f"Bearer {self.tokens.of('work')}"}
        cases: list[tuple[str, dict[str, str], int | None]] = [
            ("work", own, None),
            ("other", own, 401),
            ("work", {}, 401),
            ("work", {"Authorization": "Bearer x"}, 401),
            ("open", JSON, None),
            ("open", {"Content-Type": "text/plain"}, 403),
            ("open", JSON | {"Origin": "https://evil.example"}, 403),
            ("open", JSON | {"Origin": "null"}, 403),
            ("open", JSON | {"Origin": "https://own.example"}, None),
            ("open", JSON | {"Authorization": "Bearer x"}, 401),
        ]
        for name, headers, status in cases:
            answers = self.ask("POST", f"/hosts/{name}/function/f", b"1", headers).answers
            found = answers[0].status if answers else None
            self.assertEqual(found, status, (name, headers))


class Streams(HostsCase):
    def body(self, client: Client) -> tuple[str, bytes]:
        """The content type, and the chunks of a body so far."""
        head, _, rest = client.wire.value().partition(b"\r\n\r\n")
        data = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            data += rest[: int(size, 16)]
            rest = rest[int(size, 16) + 2 :]
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        return lines[b"Content-Type"].decode(), data

    def begin(self, **headers: str) -> tuple[Client, int]:
        self.ready()
        client = self.ask("POST", "/hosts/work/function/f", b"", BEARER | headers)
        number = self.runner.calls[-1].id
        assert number is not None
        return client, number

    def test_items_are_lines_at_once(self) -> None:
        client, number = self.begin()
        self.runner.send("item", {"a": 1}, id=number)
        self.assertEqual(self.body(client), ("application/x-ndjson", b'{"a":1}\n'))
        self.runner.send("item", 2, id=number, type="bytes")
        self.runner.send("fault", {"type": "E", "message": "m"}, id=number, code="function")
        *_, second, last = self.body(client)[1].splitlines()
        self.assertEqual(json.loads(second), {"type": "bytes", "value": "Mg=="})
        self.assertEqual(json.loads(last)["error"], "function")

    def test_items_as_events(self) -> None:
        client, number = self.begin(Accept="text/event-stream")
        self.runner.send("item", "a", id=number)
        self.runner.send("end", id=number)
        data = b'data: "a"\n\nevent: end\ndata: \n\n'
        self.assertEqual(self.body(client), ("text/event-stream", data))

    def test_a_slow_reader_holds_the_function(self) -> None:
        client, number = self.begin()
        self.runner.send("item", 0, id=number)
        client.wire.producer.pauseProducing()  # type: ignore[union-attr]
        for item in range(64):
            self.runner.send("item", item, id=number)
        self.assertEqual(self.runner.got("credit"), [])
        client.wire.producer.resumeProducing()  # type: ignore[union-attr]
        self.assertEqual(len(self.runner.got("credit")), 2)
        client.leave()

    def test_a_client_that_leaves_ends_the_stream(self) -> None:
        client, number = self.begin()
        self.runner.send("item", 0, id=number)
        client.leave()
        self.assertEqual(len(self.runner.got("cancel")), 1)

    def test_the_log_and_what_follows(self) -> None:
        host = self.ready()
        host.log.write(1, "stderr", b"one\ntwo\n")
        client = self.ask("GET", "/hosts/work/log?lines=1&follow=1")
        self.assertEqual(self.body(client)[1], b"1970-01-01T00:00:00.000Z 1 stderr two\n")
        host.log.write(1, "stdout", b"three\n")
        self.assertTrue(self.body(client)[1].endswith(b"1 stdout three\n"))
        client.leave()
        host.log.write(1, "stdout", b"four\n")
        plain = self.ask("GET", "/hosts/work/log", headers=BEARER | {"Accept": "text/event-stream"})
        self.assertTrue(self.body(plain)[1].endswith(b"1 stdout four\n\n"))


class Leases(HostsCase):
    def test_connect_starts_holds_and_renews(self) -> None:
        host = self.define(idle_timeout=10)
        client = self.ask("POST", "/hosts/work/connect?ttl=20")
        self.runner.ready("f")
        told = client.answers[0].json
        self.assertEqual(told["ttl"], 20)
        self.world.advance(15)
        again = self.answer("POST", f"/hosts/work/connect?ttl=20&lease={told['lease']}").json
        self.assertEqual(again["lease"], told["lease"])
        self.world.advance(15)
        self.assertEqual(len(host.leases), 1)
        path = f"/hosts/work/disconnect?lease={told['lease']}"
        self.assertEqual(self.answer("POST", path).json, {"released": True})
        self.assertEqual(self.answer("POST", path).json, {"released": False})
        self.assertEqual(self.answer("POST", "/hosts/work/disconnect").status, 400)

    def test_a_host_is_held_as_long_as_the_answer_lasts(self) -> None:
        host = self.define()
        client = self.ask("POST", "/hosts/work/connect?hold")
        self.assertTrue(client.waiting)
        self.assertEqual(len(host.leases), 1)
        self.runner.ready("f")
        head, _, body = client.wire.value().partition(b"\r\n\r\n")
        self.assertIn(b"x-accel-buffering: no", head.lower())
        self.assertIn(b'{"lease": "', body)
        for _ in range(41):
            self.world.clock.advance(15.0)
        self.assertEqual(client.wire.value().count(b"1\r\n\n\r\n"), 41)
        self.assertEqual(len(host.leases), 1)
        client.leave(cleanly=False)
        self.assertEqual(len(host.leases), 0)

    def test_who_leaves_before_the_host_is_ready_holds_nothing(self) -> None:
        host = self.define()
        client = self.ask("POST", "/hosts/work/connect?hold")
        client.leave(cleanly=False)
        self.assertEqual(len(host.leases), 0)

    def test_a_host_that_cannot_be_held(self) -> None:
        host = self.define(restart="never")
        client = self.ask("POST", "/hosts/work/connect?hold")
        self.runner.die(Exit(1))
        self.assertEqual(client.answer.status, 503)
        self.assertEqual(len(host.leases), 0)

    def test_a_host_that_is_removed_is_held_no_more(self) -> None:
        self.ready()
        client = self.ask("POST", "/hosts/work/connect?hold")
        self.service.remove("work")
        self.world.clock.advance(15.0)
        self.assertTrue(client.wire.value().endswith(b"0\r\n\r\n"))


class JsHost(HostsCase):
    def test_status_is_the_runners_or_made_up(self) -> None:
        self.ready()
        told = self.answer("GET", "/hosts/work/status").json
        self.assertEqual(
            told, {"type": "Host", "version": "0.12.0", "config": {"functions": ["f", "g"]}}
        )
        self.define("js")
        client = self.ask("GET", "/hosts/js/status")
        said = {"type": "Host", "version": "0.12.0", "config": {"port": 9009}}
        self.runner.ready("f", status=said)
        self.assertEqual(client.answers[0].json, said)

    def test_its_own_listener_needs_no_token_and_refuses_pages(self) -> None:
        self.ready()
        self.assertEqual(self.answer("GET", "/status", b"", {}, app=self.js).json["type"], "Host")
        client = self.ask("POST", "/function/f?hash=1", b"{}", JSON, app=self.js)
        self.runner.answer("<b>")
        self.assertEqual(client.answers[0].text, "<b>")
        page = JSON | {"Origin": "http://localhost"}
        self.assertEqual(self.answer("POST", "/function/f", b"{}", page, app=self.js).status, 403)
        self.assertEqual(self.answer("GET", "/function/f", b"", {}, app=self.js).status, 404)
        self.assertEqual(self.answer("GET", "/hosts/", b"", {}, app=self.js).status, 404)
