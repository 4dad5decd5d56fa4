"""One host as js-host shows it: what its own clients speak, on a listener of its own.

Without a token, so it is meant for the loopback; what a page sends (it has an Origin) is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from klein import Klein
from twisted.internet.defer import Deferred

from hangerd.hosts.host import Host
from hangerd.hosts.replies import Stream
from hangerd.web.answers import answer, answer_json
from hangerd.web.errors import Forbidden, answer_errors_of
from hangerd.web.hosts.answers import call_function
from hangerd.web.hosts.routes import answer_failed_call, give_called, js_host_status
from hangerd.web.plain import Answer, PlainRequest
from hangerd.web.request import Request


class JsHostApp:
    """js-host's two routes, and its words for everything else. `host` is the one it is about."""

    app = Klein()
    answer_errors_of(app)

    def __init__(self, host: Callable[[], Host]) -> None:
        self._host = host

    @app.route("/status", methods=["GET"])
    def status(self, request: Request) -> Deferred[bytes]:
        """What the host says of itself; it is started for it."""
        host = self._asked(request)
        told: Deferred[bytes] = host.pool.when_ready().addCallback(
            lambda instance: answer_json(request, 200, js_host_status(instance))
        )
        return told.addErrback(answer_failed_call, request)

    @app.route("/function/<function>", methods=["POST"])
    def call(self, request: Request, function: str) -> Deferred[bytes]:
        """Call a function."""
        host = self._asked(request)
        called = call_function(_without_accept(request), host, function)
        return give_called(request, called.addCallback(_note_failure, host))

    @app.route("/", branch=True)
    def nothing(self, request: Request) -> bytes:
        """There is nothing else."""
        return answer(request, 404, b"Not found")

    def _asked(self, request: Request) -> Host:
        """The host, whose log gets a line as js-host's has it. Raises Forbidden."""
        _refuse_pages(request)
        host = self._host()
        host.log.note(0, f"{request.method.decode()} {request.path.decode('latin-1')}")
        return host


def _note_failure(found: Answer | Stream, host: Host) -> Answer | Stream:
    """Put what a function failed with into the log of its host."""
    if isinstance(found, Answer) and found.status == 500:
        for line in found.body.decode(errors="replace").splitlines():
            host.log.note(0, line)
    return found


def _without_accept(request: Request) -> PlainRequest:
    """A request whose Accept means nothing: js-host has one form of answer, without envelopes."""
    plain = request.plain()
    lines = plain.lines
    plain.lines = lambda name: None if name == b"Accept" else lines(name)
    return plain


def _refuse_pages(request: Request) -> None:
    if request.getHeader(b"Origin") is not None:
        raise Forbidden("Pages may not call this host here.", "Call it by way of /hosts/.")
