"""The console: `/-/console/<script path>` is a page that runs a script as a terminal would.

The page is the same for all scripts; it starts the run itself, by `POST /-/run/<script path>`.
"""

from __future__ import annotations

import html
from string import Template

from twisted.web.resource import Resource
from twisted.web.server import Request

from hangerd.scripts.paths import PathRules, Refused, Script
from hangerd.web.answers import answer
from hangerd.web.pages import load_text
from hangerd.web.target import below

_HTML = b"text/html; charset=utf-8"
_HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        b"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cache-control": b"no-cache",
}


class ConsoleResource(Resource):
    """`GET /-/console/<script path>`, for the scripts that there are."""

    isLeaf = True

    def __init__(self, rules: PathRules) -> None:
        super().__init__()
        self._rules = rules
        self._page = Template(load_text("console/console.html"))
        self._missing = Template(load_text("console/missing.html"))

    def render_GET(self, request: Request) -> bytes:
        """Send the page, if its script is there."""
        path = below(request.path, 2)
        # Relative, so that it is right under any path of a proxy: from the page to /-/.
        up = "../" * (request.path.count(b"/") - 2)
        for field, value in _HEADERS.items():
            request.setHeader(field, value)
        decision = self._rules.decide(path)
        if not isinstance(decision, Script):
            status = decision.status if isinstance(decision, Refused) else 404
            return answer(request, status, self._missing.substitute(up=up).encode(), _HTML)
        name = decision.script_name.removeprefix("/")
        page = self._page.substitute(
            name=html.escape(name.rpartition("/")[2]),
            up=up,
            path=html.escape(path[1:].decode("latin-1")),
        )
        return answer(request, 200, page.encode(), _HTML)
