"""Tests of `hangerd.web.operator.assets`: what our own pages load, on both doors."""

from __future__ import annotations

from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.pages import load_assets, load_pages
from tests.web.harness import Daemon


class AssetsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self)

    def test_each_is_sent_as_what_it_is(self) -> None:
        for path, data in load_assets().items():
            found = self.daemon.ask("GET", f"/-/pages/{path}")
            kind = "text/css" if path.endswith(".css") else "text/javascript"
            self.assertEqual((found.status, found.body), (200, data))
            self.assertEqual(found.header("content-type"), f"{kind}; charset=utf-8")
            self.assertEqual(found.header("x-content-type-options"), "nosniff")

    def test_head_is_answered_as_get_and_not_remarked_on(self) -> None:
        """Twisted would put a line in the log for each body that it has to throw away."""
        for path in ("/-/pages/tokens.css", "/-/pages/none.js", "/-/health"):
            whole = self.daemon.ask("GET", path)
            with capturedLogs() as logged:
                head = self.daemon.ask("HEAD", path)
            self.assertEqual((head.status, head.body), (whole.status, b""), path)
            self.assertEqual(head.header("content-length"), str(len(whole.body)))
            said = [event["log_namespace"] for event in logged]
            self.assertEqual(set(said) - {"hangerd.access"}, set())

    def test_a_browser_that_has_it(self) -> None:
        etag = self.daemon.ask("GET", "/-/pages/tokens.css").header("etag")
        assert etag is not None
        again = self.daemon.ask("GET", "/-/pages/tokens.css", headers={"If-None-Match": etag})
        self.assertEqual((again.status, again.body), (304, b""))

    def test_what_is_not_there(self) -> None:
        for name in ("", "none.js", "package.json", "__init__.py", "../pages/tokens.css"):
            self.assertEqual(self.daemon.ask("GET", f"/-/pages/{name}").status, 404, name)

    def test_only_modules_for_others_are_theirs(self) -> None:
        self.assertEqual(
            set(load_pages()), {"client.js", "exchange.js", "brython-runner.js", "pyodide.js"}
        )
