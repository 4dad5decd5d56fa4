"""Tests of the console: a page for scripts that are there, right under any path."""

from __future__ import annotations

import re
from typing import Any

from hangerd.web.pages import load_assets
from hangerd.web.scripts.console import ConsoleResource
from tests.web.scripts.test_requests import HTML, ScriptsTestCase


class ConsoleTests(ScriptsTestCase):
    """Pages without sockets."""

    def setUp(self) -> None:
        super().setUp()
        (self.serving.root / "two words").mkdir()
        (self.serving.root / "two words" / "a&b.py").write_text("")
        (self.serving.root / "plain.txt").write_text("")

    def get(self, path: str) -> Any:
        request = self.request(f"/-/console/{path}", accept=HTML)
        answer = ConsoleResource(self.rules).render(request)
        if isinstance(answer, bytes):
            request.write(answer)
            request.finish()
        return request

    def test_the_page(self) -> None:
        request = self.get("two%20words/a&b.py")
        page = self.written(request)
        self.assertEqual(request.code, 200)
        self.assertIn("<h1>a&amp;b.py</h1>", page)
        self.assertIn('data-run="../../run/two%20words/a&amp;b.py"', page)
        self.assertIn('href="../../../two%20words/a&amp;b.py"', page)
        self.assertNotRegex(page, "<style|<script[^>]*>[^<]")
        headers = request.responseHeaders
        self.assertNotIn("unsafe", headers.getRawHeaders("content-security-policy")[0])
        self.assertEqual(headers.getRawHeaders("x-content-type-options"), ["nosniff"])

    def test_all_that_it_loads_is_there(self) -> None:
        loaded = re.findall(
            r'"\.\./\.\./pages/([^"]+)"', self.written(self.get("two%20words/a&b.py"))
        )
        self.assertGreater(len(loaded), 3)
        self.assertLessEqual(set(loaded), set(load_assets()))

    def test_no_page_without_a_script(self) -> None:
        for path in ("none.py", "plain.txt", "two%20words", "", "<b>.py", "two%20words/none.py"):
            request = self.get(path)
            page = self.written(request)
            self.assertIn(request.code, (400, 403, 404), path)
            self.assertIn("There is no script at this address", page)
            self.assertNotRegex(page, "<script|<b>")
