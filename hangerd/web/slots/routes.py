"""The routes of slots: which path and method asks for what, of which `answers` knows all."""

from __future__ import annotations

from collections.abc import Mapping

from klein import Klein
from twisted.internet.defer import Deferred
from werkzeug.exceptions import NotFound

from hangerd.web.answers import answer, give, give_when
from hangerd.web.errors import answer_errors_of
from hangerd.web.request import Request
from hangerd.web.slots.answers import SlotAnswers

_TOKEN = "/<string(length=16):token>"  # noqa: S105 (where one stands in a path)


class SlotsApp:
    """The routes under /hanger/. `pages` are our JavaScript modules by name."""

    app = Klein()
    # Werkzeug would redirect where there is // within a path; a redirect is no answer to a slot's
    # client. At the beginning it leaves them out, which is good: the Brython Runner asks for
    # /hanger//open/ when its address of us was written with a slash at the end.
    app.url_map.merge_slashes = False
    answer_errors_of(app)

    def __init__(self, slots: SlotAnswers, pages: Mapping[str, bytes]) -> None:
        self._slots = slots
        self._pages = pages

    @app.route("/open/", methods=["POST"], strict_slashes=False)
    def open(self, request: Request) -> bytes:
        """See `SlotAnswers.open`; so of all that follow."""
        return give(request, self._slots.open(request.plain()))

    @app.route(f"{_TOKEN}/write/", methods=["POST"], strict_slashes=False)
    def write(self, request: Request, token: str) -> bytes | Deferred[bytes]:
        """Write the body into a slot."""
        return give_when(request, self._slots.write(request.plain(), token))

    @app.route(f"{_TOKEN}/answer/", methods=["POST"], strict_slashes=False)
    def answer(self, request: Request, token: str) -> bytes:
        """Write what a form says into a slot."""
        return give(request, self._slots.answer(request.plain(), token))

    @app.route(f"{_TOKEN}/read/", methods=["POST"], strict_slashes=False)
    def read(self, request: Request, token: str) -> bytes | Deferred[bytes]:
        """Take a slot's value, or wait for it."""
        return give_when(request, self._slots.read(request.plain(), token))

    @app.route(f"{_TOKEN}/ack/", methods=["POST"], strict_slashes=False)
    def ack(self, request: Request, token: str) -> bytes:
        """Say that a value has arrived."""
        return give(request, self._slots.ack(request.plain(), token))

    @app.route(f"{_TOKEN}/close/", methods=["POST"], strict_slashes=False)
    def close(self, request: Request, token: str) -> bytes:
        """End a slot."""
        return give(request, self._slots.close(request.plain(), token))

    @app.route(f"{_TOKEN}/", methods=["DELETE"], strict_slashes=False)
    def delete(self, request: Request, token: str) -> bytes:
        """End a slot, as `close` does."""
        return self.close(request, token)

    @app.route(f"{_TOKEN}/", methods=["GET"], strict_slashes=False)
    def state(self, request: Request, token: str) -> bytes | Deferred[bytes]:
        """Look at a slot without its value."""
        return give_when(request, self._slots.state(request.plain(), token))

    @app.route("/sleep/", methods=["GET"], strict_slashes=False)
    def sleep(self, request: Request) -> bytes | Deferred[bytes]:
        """Answer after a time."""
        return give_when(request, self._slots.sleep(request.plain()))

    @app.route("/<name>.js", methods=["GET"])
    def page(self, request: Request, name: str) -> bytes:
        """One of our JavaScript modules."""
        source = self._pages.get(f"{name}.js")
        if source is None:
            raise NotFound
        return answer(request, 200, source, b"text/javascript; charset=utf-8")
