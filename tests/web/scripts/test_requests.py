"""What a visitor of a script gets: bytes, pages, events, refusals - without threads or sockets."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.error import ConnectionLost
from twisted.logger import capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Request
from twisted.web.test.requesthelper import DummyChannel

from hangerd.config import HttpSettings
from hangerd.scripts.disk import Disk
from hangerd.scripts.paths import PathRules, RootSettings, Script
from hangerd.scripts.questions import Question
from hangerd.slots.slot import Value
from hangerd.web.beat import BEAT
from hangerd.web.clients import Clients
from hangerd.web.packing import Packing
from hangerd.web.scripts.requests import ScriptRequests, body_limit_of
from hangerd.web.scripts.runs import RunResource
from hangerd.web.websockets.upgrades import Upgrades
from tests.scripts.serving import Serving

HTML = "text/html,*/*;q=0.8"
NAME = "page.py"
ORIGINS = ("https://other.example",)


class ClosableChannel(DummyChannel):
    """A channel whose end ends its connection."""

    def loseConnection(self) -> None:
        self.transport.loseConnection()


class ScriptsTestCase(SynchronousTestCase):
    """A service without threads behind requests without sockets."""

    shows_errors = False

    def setUp(self) -> None:
        self.serving = Serving()
        self.addCleanup(self.serving.close)
        root = str(self.serving.root)
        self.requests = ScriptRequests(
            self.serving.service,
            Clients(HttpSettings().trusted_proxies),
            self.upgrades(),
            self.serving.clock,
            Packing(self.serving.clock),
            debug=self.shows_errors,
        )
        self.rules = PathRules(RootSettings(root), Disk(), scripts=True)
        self.runs = RunResource(self.serving.service, self.rules, self.requests, self.serving.clock)

    def upgrades(self) -> Upgrades:
        clock = self.serving.clock
        return Upgrades(ORIGINS, clock, clock.callFromThread, debug=self.shows_errors)

    def request(self, uri: str, method: str = "GET", body: bytes = b"", **headers: str) -> Any:
        """Make a request that writes into memory."""
        channel = ClosableChannel()
        request: Any = Request(channel, False)
        request.wire = channel.transport  # a finished request forgets its channel
        request.method, request.uri = method.encode(), uri.encode()
        request.path = request.uri.partition(b"?")[0]
        request.clientproto = b"HTTP/1.1"
        request.gotLength(len(body))
        assert request.content is not None
        request.content.write(body)
        request.content.seek(0)
        request.client = request.channel.getPeer()
        for name, value in headers.items():
            request.requestHeaders.addRawHeader(name.replace("_", "-"), value)
        return request

    def visit(self, source: str, accept: str = "*/*", **more: Any) -> Any:
        """Ask for a script with this source, and let it run."""
        (self.serving.root / NAME).write_text(source)
        request = self.request(f"/{NAME}", accept=accept, **more)
        script = Script(str(self.serving.root / NAME), f"/{NAME}")
        self.requests(request, script)
        self.serving.work()
        return request

    def written(self, request: Any) -> str:
        written: bytes = request.wire.written.getvalue()
        return written.decode()


class AnswerTests(ScriptsTestCase):
    """Scripts as pages and as bytes."""

    def test_bare_bytes(self) -> None:
        text = self.written(self.visit("print('a <b>')"))
        self.assertTrue(text.startswith("HTTP/1.1 200 OK\r\n"))
        self.assertIn("X-Accel-Buffering: no\r\n", text)
        self.assertIn("Content-Type: text/plain; charset=utf-8\r\n", text)
        self.assertIn("\r\n\r\n6\r\na <b>\n\r\n0\r\n\r\n", text)

    def test_a_page_of_text(self) -> None:
        text = self.written(self.visit("print('a <b>')", HTML))
        self.assertIn("Content-Type: text/html; charset=utf-8\r\n", text)
        self.assertIn("Content-Security-Policy: default-src 'none';", text)
        self.assertIn("a &lt;b&gt;</s>\n<s>", text)
        self.assertIn("</main></body></html>\n", text)

    def test_html_as_it_is(self) -> None:
        source = "import sys\nprint('log', file=sys.stderr)\nprint('<p>a')"
        text = self.written(self.visit(source, HTML))
        self.assertIn("\r\n\r\n5\r\n<p>a\n\r\n0\r\n", text)
        self.assertNotIn("log", text)

    def test_errors_that_no_page_shows_are_logged(self) -> None:
        say = "import sys\nprint('alpha\\nbet', end='', file=sys.stderr)\n"
        html, more = "print('<p>a')\n", "print('a', file=sys.stderr)\n"
        for source in (
            say + html + more,
            say + more + "1 / 0",
            "# hangerd: stderr=log\n" + say + more + "exit(2)",
            "# hangerd: stderr=log\n" + say + more,
        ):
            with capturedLogs() as logged:
                self.assertNotIn("alpha", self.written(self.visit(source, HTML)))
            lines = [e["line"] for e in logged if "line" in e]
            self.assertEqual(lines, ["alpha", "beta"], source)
        with capturedLogs() as logged:
            self.assertIn("alpha", self.written(self.visit(say + "print('text')", HTML)))
        self.assertEqual([e for e in logged if "line" in e], [])

    def test_errors_are_not_kept_without_end(self) -> None:
        """Where nothing is printed, what standard error has had goes to the log in time."""
        source = "import sys\nfor n in range(20): print(f'{n}' * 5000, file=sys.stderr)\nprint('x')"
        with capturedLogs() as logged:
            self.assertIn("x", text := self.written(self.visit(source, HTML)))
        self.assertIn("0" * 5000, "".join(e.get("line", "") for e in logged))
        self.assertNotIn("0" * 5000, text)

    def test_status_headers_and_cookies(self) -> None:
        source = (
            "from hangerd import response as r\nr.set_status(201)\nr.set_cookie('a', 'b')\n"
            "r.set_content_type('image/png')\nr.set_header('Connection', 'upgrade')\nprint('x')"
        )
        text = self.written(self.visit(source, HTML))
        self.assertTrue(text.startswith("HTTP/1.1 201 Created\r\n"))
        self.assertIn("Set-Cookie: a=b; HttpOnly; Path=/; SameSite=Lax\r\n", text)
        self.assertIn("Content-Type: image/png\r\n", text)
        self.assertNotIn("upgrade", text)
        source = "from hangerd import response as r\nr.set_status(299, 'Fine')\nprint('x')"
        self.assertTrue(self.written(self.visit(source)).startswith("HTTP/1.1 299 Fine\r\n"))

    def test_an_announced_length_is_held(self) -> None:
        """More would be read as the next answer; less is an answer that is not whole."""
        source = "from hangerd import response\nresponse.set_header('Content-Length', {})\n{}"
        for length, printed, sent, whole in (
            ("4", "print('<p>')", "\r\n\r\n<p>\n", True),
            ("3", "print('<p>more', end='')\nprint('again')", "\r\n\r\n<p>", True),
            ("9", "print('<p>')", "\r\n\r\n<p>\n", False),
            ("9", "", "\r\nContent-Length: 0\r\n", True),
        ):
            for accept in ("*/*", HTML):
                request = self.visit(source.format(repr(length), printed), accept)
                text = self.written(request)
                self.assertIn(sent, text)
                self.assertNotIn("more", text)
                self.assertEqual(bool(request.finished), whole, (length, text))

    def test_an_announced_length_is_of_the_bytes_not_of_a_page(self) -> None:
        source = (
            "from hangerd import response\nresponse.set_header('content-length', '2')\nprint(1)"
        )
        self.assertIn("Content-Length: 2\r\n", self.written(self.visit(source)))
        page = self.written(self.visit(source, HTML))
        self.assertIn("Transfer-Encoding: chunked\r\n", page)
        self.assertIn("</main></body></html>\n", page)

    def test_a_head_request_keeps_the_announced_length(self) -> None:
        source = "from hangerd import response\nresponse.set_header('Content-Length', '7')"
        for printed in ("", "\nprint('<p>abc')"):
            request = self.visit(source + printed, method="HEAD")
            self.assertIn("Content-Length: 7\r\n", self.written(request))
            self.assertTrue(request.finished)

    def test_a_connection_ends_when_the_script_asks_for_it(self) -> None:
        source = "from hangerd import response\nresponse.close()\nprint('<p>')"
        self.assertIn("Connection: close\r\n", self.written(self.visit(source)))
        source = (
            "from hangerd import response\nresponse.set_header('Connection', 'x')\nprint('<p>')"
        )
        self.assertNotIn("Connection:", self.written(self.visit(source)))

    def test_nothing_printed(self) -> None:
        for accept in ("*/*", HTML):
            text = self.written(self.visit("", accept))
            self.assertIn("Content-Length: 0\r\n", text)
            self.assertTrue(text.endswith("\r\n\r\n"))

    def test_a_failure_before_output(self) -> None:
        for accept in ("*/*", HTML):
            text = self.written(self.visit("raise ValueError('secret')", accept))
            self.assertTrue(text.startswith("HTTP/1.1 500 Internal Server Error\r\n"))
            self.assertIn("The script failed. (request ", text)
            self.assertNotIn("secret", text)

    def test_a_failure_amid_output_cuts_the_answer_off(self) -> None:
        for accept in ("*/*", HTML):
            request = self.visit("print('a')\n1 / 0", accept)
            text = self.written(request)
            self.assertNotIn("\r\n0\r\n\r\n", text)
            self.assertTrue(request.wire.disconnected)
            self.assertEqual('role="alert"' in text, accept == HTML)

    def test_a_redirect_keeps_the_cookies(self) -> None:
        source = (
            "from hangerd import response as r\nr.set_cookie('a', 'b')\nraise r.redirect('/in.py')"
        )
        text = self.written(self.visit(source))
        self.assertTrue(text.startswith("HTTP/1.1 302 Found\r\n"))
        self.assertIn("Set-Cookie: a=b", text)
        self.assertIn("Location: /in.py\r\n", text)

    def test_exit_status(self) -> None:
        text = self.written(self.visit("exit(3)"))
        self.assertTrue(text.startswith("HTTP/1.1 500 "))
        text = self.written(self.visit("print('a')\nexit(3)", HTML))
        self.assertIn("The script ended with exit status 3.", text)
        self.assertIn("\r\n0\r\n\r\n", text)
        self.assertIn("No\n\r\n0\r\n\r\n", self.written(self.visit("exit('No\\n')")))

    def test_standard_error_where_it_is_wanted(self) -> None:
        source = "# hangerd: stderr={}\nimport sys\nprint('log', file=sys.stderr)\nprint('a')"
        for mode, shown in (("auto", True), ("page", True), ("log", False)):
            text = self.written(self.visit(source.format(mode), HTML))
            self.assertEqual('<span class="e">log</span></s>' in text, shown, mode)

    def test_a_visitor_who_leaves(self) -> None:
        (self.serving.root / NAME).write_text("print(1)")
        request = self.request(f"/{NAME}")
        self.requests(request, Script(str(self.serving.root / NAME), f"/{NAME}"))
        request.connectionLost(Failure(ConnectionLost()))
        self.assertTrue(self.serving.active_run.run.disconnected)
        self.serving.work()
        self.assertEqual(self.serving.service.runs(), [])

    def test_errors_after_the_visitor_left_are_logged(self) -> None:
        source = (
            "import sys\nfrom hangerd import ignore_disconnect\nignore_disconnect()\n"
            "print('out')\nprint('still', 'here', file=sys.stderr)"
        )
        (self.serving.root / NAME).write_text(source)
        script = Script(str(self.serving.root / NAME), f"/{NAME}")
        for accept in ("*/*", HTML):
            request = self.request(f"/{NAME}", accept=accept)
            self.requests(request, script)
            run = self.serving.active_run.run
            run.write_text("before", err=True)
            self.serving.clock.turn()
            run.ignore_disconnect()
            request.connectionLost(Failure(ConnectionLost()))
            with capturedLogs() as logged:
                self.serving.work()
            lines = [event["line"] for event in logged if "line" in event]
            self.assertEqual(lines, ["beforestill here"])
            self.assertEqual(self.serving.service.runs(), [])

    def test_refusals(self) -> None:
        script = Script(str(self.serving.root / NAME), f"/{NAME}")
        self.requests(gone := self.request(f"/{NAME}"), script)
        self.assertTrue(self.written(gone).startswith("HTTP/1.1 404 "))
        (self.serving.root / NAME).write_text("")
        self.serving.service.stopService()
        self.requests(late := self.request(f"/{NAME}"), script)
        self.assertTrue(self.written(late).startswith("HTTP/1.1 503 "))
        self.assertIn("Retry-After: 2\r\n", self.written(late))

    def test_what_the_script_is_told(self) -> None:
        source = (
            "from hangerd import request as r\n"
            "print(r.method, r.url, r.host, r.ip, r.version, r.headers['x-a'], wait(r.body()))\n"
        )
        (self.serving.root / NAME).write_text(source)
        request = self.request(f"/{NAME}?q=1", "POST", b"body", host="h:1", x_a="b")
        visit = self.requests.visit(request, Script("/s.py", "/s.py", "/i", b"/%69"))
        self.assertEqual((visit.method, visit.uri, visit.query), ("POST", "/page.py?q=1", "q=1"))
        self.assertEqual((visit.host, visit.version), ("h:1", "1.1"))
        self.assertEqual((visit.peer[0], visit.header("X-A")), ("192.168.1.1", "b"))
        self.assertEqual((visit.body.read(), visit.body_size), (b"body", 4))
        self.assertEqual((visit.path_info, visit.path_info_raw), ("/i", b"/%69"))
        again = self.requests.visit(request, Script("/s.py", "/s.py"))
        self.assertIs(visit.context, again.context)
        self.assertNotEqual(visit.id, again.id)

    def test_how_large_a_body_may_be(self) -> None:
        (self.serving.root / NAME).write_text("# hangerd: body=3K")
        limit = body_limit_of(self.serving.service, self.rules.decide, 7)
        self.assertEqual((limit(b"/page.py"), limit(b"/none.py")), (3072, 7))

    def test_a_question_in_a_page(self) -> None:
        self.visit("")
        (self.serving.root / NAME).write_text("input('name? ')")
        request = self.request(f"/{NAME}", accept=HTML)
        self.requests(request, Script(str(self.serving.root / NAME), f"/{NAME}"))
        active = self.serving.active_run
        active.run.write_text("before\n")
        active.run.output.ask(Question(active.run.gate, "<name>? ", False))
        self.serving.clock.turn()
        text = self.written(request)
        token = text.partition('action="hanger/')[2].partition("/answer/")[0]
        self.assertIn("before</s>\n", text)
        self.assertIn("&lt;name&gt;? </label>", text)
        for _ in range(2):
            self.serving.clock.advance(BEAT)
        self.assertEqual(self.written(request).count("<!---->"), 2)
        self.serving.slots.write(token, Value(b"<Ada>"), "")
        self.serving.clock.advance(BEAT)
        text = self.written(request)
        self.assertEqual(text.count("<!---->"), 2)
        self.assertIn("#hangerd-1{display:none}", text)
        self.assertIn("&lt;name&gt;? <kbd>&lt;Ada&gt;</kbd>\n", text)


class DebugTests(ScriptsTestCase):
    """What --debug adds."""

    shows_errors = True

    def test_failures_are_shown(self) -> None:
        text = self.written(self.visit("raise ValueError('<secret>')", HTML))
        self.assertIn("<ul><li>ValueError: &lt;secret&gt;</li></ul>", text)
        text = self.written(self.visit("print('<p>')\nraise ValueError('x')", HTML))
        self.assertIn("<ul><li>ValueError: x</li></ul>", text)

    def test_amid_text_they_are_text(self) -> None:
        source = "print('so far')\nraise ValueError('<x>')"
        text = self.written(self.visit(source))
        self.assertIn("line 2, in <module>\n", text)
        self.assertIn("\nValueError: <x>\n", text)
        page = self.written(self.visit(source, HTML))
        self.assertIn("ValueError: &lt;x&gt;</span>", page)


class EventTests(ScriptsTestCase):
    """Scripts as event-streams."""

    def post(self, path: str, body: bytes = b"{}", kind: str = "application/json") -> Any:
        request = self.request(f"/-/run/{path}", "POST", body, content_type=kind)
        answer = self.runs.render(request)
        if isinstance(answer, bytes):
            request.write(answer)
            request.finish()
        self.serving.work()
        return request

    def events(self, request: Any) -> list[tuple[str, Any]]:
        found = []
        for part in self.written(request).split("id: ")[1:]:
            _, event, data = part.split("\n")[:3]
            found.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
        return found

    def test_a_run_from_start_to_exit(self) -> None:
        (self.serving.root / NAME).write_text(
            "import sys\nprint(sys.argv[1])\nprint('e', file=sys.stderr)\nexit(2)"
        )
        start, *said, end = self.events(self.post(NAME, b'{"argv": ["one"]}'))
        self.assertEqual(said, [("out", {"text": "one\n"}), ("err", {"text": "e\n"})])
        self.assertEqual((start[0], len(start[1]["run"])), ("start", 16))
        self.assertEqual((end[0], end[1]["status"]), ("exit", 2))
        self.assertEqual(end[1]["error"], "The script ended with exit status 2.")

    def test_errors_after_the_client_left_are_logged(self) -> None:
        (self.serving.root / NAME).write_text("import sys\nprint('still here', file=sys.stderr)")
        request = self.request("/-/run/page.py", "POST", b"{}", content_type="application/json")
        request.postpath = [NAME.encode()]
        self.runs.render(request)
        self.serving.active_run.run.ignore_disconnect()
        request.connectionLost(Failure(ConnectionLost()))
        with capturedLogs() as logged:
            self.serving.work()
        self.assertEqual([event["line"] for event in logged if "line" in event], ["still here"])

    def test_what_is_refused(self) -> None:
        (self.serving.root / NAME).write_text("")
        for path, body, kind, status in (
            (NAME, b"{}", "text/plain", 415),
            (NAME, b"[", "application/json", 400),
            (NAME, b"[]", "application/json", 400),
            (NAME, b'{"argv": [1]}', "application/json", 400),
            ("none.py", b"{}", "application/json", 404),
            ("../x.py", b"{}", "application/json", 403),
        ):
            text = self.written(self.post(path, body, kind))
            self.assertIn(f"HTTP/1.1 {status} ", text)
        get = self.request("/-/run/x")
        self.runs.render(get)
        self.assertEqual(get.code, 405)

    def test_a_name_with_a_space(self) -> None:
        (self.serving.root / "two words.py").write_text("print(1)")
        self.assertEqual(self.events(self.post("two%20words.py"))[1], ("out", {"text": "1\n"}))

    def test_a_sign_of_life_while_nothing_happens(self) -> None:
        (self.serving.root / NAME).write_text("# hangerd: timeout=100\ninput()")
        request = self.request("/-/run/page.py", "POST", b"", content_type="application/json")
        self.runs.render(request)
        clock = self.serving.clock
        clock.advance(BEAT - 1)
        self.assertNotIn("\n:\n\n", self.written(request))
        clock.advance(1)
        self.assertIn("\n:\n\n", self.written(request))
        request.connectionLost(Failure(ConnectionLost()))
        self.serving.work()
        clock.advance(1)
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_stop(self) -> None:
        (self.serving.root / NAME).write_text("print(1)")
        request = self.request("/-/run/page.py", "POST", b"", content_type="application/json")
        self.runs.render(request)
        run = self.serving.active_run.run.id
        self.assertIn(" 204 ", self.written(self.post(f"{run}/stop")))
        self.assertEqual(self.events(request)[-1][0], "exit")

    def test_stop_of_no_run(self) -> None:
        """It needs no body, and its refusal says so; a script may have that for its PATH_INFO."""
        text = self.written(self.post("0a<b/stop", b"", ""))
        self.assertIn("HTTP/1.1 404 ", text)
        self.assertIn("There is no run 0a<b: it may have ended.", text)
        (self.serving.root / NAME).write_text("print(__server__.PATH_INFO)")
        self.assertEqual(self.events(self.post(f"{NAME}/stop"))[1], ("out", {"text": "/stop\n"}))
