"""Signing in and out: `/-/session` of the admin door. POST signs in, DELETE signs out, GET asks.

Each attempt spends of what its address has for wrong ones, so that nobody tries many tokens.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from klein import Klein

from hangerd.dashboard.passes import Passes
from hangerd.slots.limits import MissBudget
from hangerd.web.answers import answer, answer_json
from hangerd.web.auth import ControlToken
from hangerd.web.clients import Clients
from hangerd.web.errors import BadRequest, Unauthorized, answer_errors_of
from hangerd.web.operator.own_page import OwnPage
from hangerd.web.operator.signed_in import SignedIn
from hangerd.web.request import Request


class SessionApp:
    """The routes under /-/session. `links` are the tokens of links that sign in once."""

    app = Klein()
    answer_errors_of(app)

    def __init__(
        self,
        control: ControlToken,
        links: Passes,
        signed_in: SignedIn,
        page: OwnPage,
        clients: Clients,
        budget: MissBudget,
    ) -> None:
        self._control = control
        self._links = links
        self._signed_in = signed_in
        self._page = page
        self._clients = clients
        self._budget = budget

    @app.route("/", methods=["GET"], strict_slashes=False)
    def ask(self, request: Request) -> bytes:
        """Say that this browser is signed in, if it is."""
        self._control.require(request)
        return answer_json(request, 200, {"version": version("hangerd")})

    @app.route("/", methods=["POST"], strict_slashes=False)
    def sign_in(self, request: Request) -> bytes:
        """Sign in: the body is {"token": the control token} or {"link": the word of a link}."""
        self._page.require(request)
        given = _given(request)
        client = self._clients.address(request)
        self._budget.spend(client)
        if not self._is_right(given):
            raise Unauthorized(
                "This is not the control token." if "token" in given else "This link is used up.",
                "Sign in with what is in the control token file.",
            )
        self._budget.forgive(client)
        self._signed_in.begin(request)
        return answer(request, 204)

    @app.route("/", methods=["DELETE"], strict_slashes=False)
    def sign_out(self, request: Request) -> bytes:
        """Sign out; harmless for who is not signed in."""
        self._page.require(request)
        self._signed_in.end(request)
        return answer(request, 204)

    def _is_right(self, given: dict[str, str]) -> bool:
        if "token" in given:
            return self._control.is_token(given["token"].strip().encode(errors="replace"))
        return self._links.drop(given["link"])


def _given(request: Request) -> dict[str, str]:
    """What one signs in with: a token, or else the word of a link."""
    remedy = 'Send JSON: {"token": "what is in the control token file"}.'
    kind = (request.getHeader(b"Content-Type") or b"").partition(b";")[0].strip().lower()
    try:
        told: Any = json.loads(request.content.read()) if kind == b"application/json" else None
    except (ValueError, RecursionError):
        told = None
    for name in ("token", "link"):
        if isinstance(told, dict) and isinstance(told.get(name), str):
            return {name: told[name]}
    raise BadRequest("The body does not say with what to sign in.", remedy)
