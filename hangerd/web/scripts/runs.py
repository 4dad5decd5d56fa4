"""Runs over HTTP: started as an event-stream under /-/run/, listed and ended under /-/runs.

Who started a run may end it: its id is a secret that only its event-stream tells. The operator,
with the control token, may end any.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.web.http import Request as BaseRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from hangerd.scripts.active import ActiveRun
from hangerd.scripts.errors import ScriptRefused
from hangerd.scripts.paths import Decision, PathRules, Refused, Script
from hangerd.scripts.service import ScriptsService
from hangerd.web.answers import JSON, answer, answer_json, refusal_body
from hangerd.web.auth import ControlToken
from hangerd.web.errors import BadRequest, answer_errors_of
from hangerd.web.scripts.events import EventStream
from hangerd.web.scripts.requests import ScriptRequests
from hangerd.web.target import below


class RunResource(Resource):
    """`POST /-/run/<script path>` and `POST /-/run/<run>/stop`."""

    isLeaf = True

    def __init__(
        self,
        service: ScriptsService,
        rules: PathRules,
        requests: ScriptRequests,
        clock: IReactorTime,
        *,
        debug: bool = False,
    ) -> None:
        super().__init__()
        self._service = service
        self._rules = rules
        self._requests = requests
        self._clock = clock
        self._debug = debug

    def render(self, request: Request) -> bytes | int:
        """Start or end a run."""
        if request.method != b"POST":
            request.setHeader(b"allow", b"POST")
            return _refuse(request, 405, "A run is started by POST.", "Send a POST request.")
        path = below(request.path, 2)
        run, _, asked = path[1:].partition(b"/")
        if asked == b"stop" and self._service.stop(run.decode("latin-1")):
            return answer(request, 204)
        decision = self._rules.decide(path)
        if asked == b"stop" and not isinstance(decision, Script):
            shown = run.decode("ascii", "backslashreplace")
            return _refuse(
                request,
                404,
                f"There is no run {shown}: it may have ended.",
                "The id of a run is in its first event.",
            )
        return self._start(request, path, decision)

    def _start(self, request: Request, path: bytes, decision: Decision) -> bytes | int:
        # A page of another origin cannot send this type without asking, and is never allowed.
        if (request.getHeader(b"content-type") or b"").partition(b";")[0] != b"application/json":
            return _refuse(request, 415, "The body has to be JSON.", 'Send {"argv": []}.')
        try:
            argv = _argv(request)
        except BadRequest as error:
            return _refuse(request, 400, error.message, error.remedy)
        if not isinstance(decision, Script):
            text = decision.text if isinstance(decision, Refused) else "This is no script."
            status = decision.status if isinstance(decision, Refused) else 404
            return _refuse(request, status, text, "Name a script of the document root.")
        told: dict[str, Any] = {"method": "GET", "uri": path.decode("latin-1"), "argv": argv}
        visit = self._requests.visit(request, decision, interactive=True, **told)
        try:
            stream = EventStream(request, self._clock, debug=self._debug)
            self._service.run(visit, lambda _: stream)
        except ScriptRefused as error:
            request.setHeader(b"retry-after", b"2")
            return _refuse(request, 503, error.message, error.remedy)
        return NOT_DONE_YET


class RunsApp:
    """`GET /-/runs` and `POST /-/runs/<run>/stop`, for the operator."""

    app = Klein()
    answer_errors_of(app)

    def __init__(
        self, service: ScriptsService, control: ControlToken, seconds: Callable[[], float]
    ) -> None:
        self._service = service
        self._control = control
        self._seconds = seconds

    @app.route("/", methods=["GET"], strict_slashes=False)
    def runs(self, request: BaseRequest) -> bytes:
        """List what runs, the oldest first, and count threads."""
        self._control.require(request)
        stats = self._service.stats()
        told = {
            "runs": [self._shown(active) for active in self._service.runs()],
            "threads": stats.threads,
            "busy": stats.busy,
            "queued": stats.queued,
            "zombies": stats.zombies,
        }
        return answer_json(request, 200, told)

    @app.route("/<run>/stop", methods=["POST"])
    def stop(self, request: BaseRequest, run: str) -> bytes:
        """End a run."""
        self._control.require(request)
        if not self._service.stop(run):
            body = refusal_body(404, "No such run: it may have ended.", "See /-/runs.")
            return answer(request, 404, body, JSON)
        return answer(request, 204)

    def _shown(self, active: ActiveRun) -> dict[str, Any]:
        return {
            "id": active.run.id,
            "script": active.run.visit.script_name,
            "client": active.run.visit.peer[0],
            "seconds": round(self._seconds() - active.began, 3),
            "waits_for": active.waits_for,
            "bytes": active.run.output.total,
        }


def _argv(request: Request) -> tuple[str, ...]:
    content: Any = request.content
    try:
        told = json.loads(content.read() or b"{}")
        argv = told.get("argv", [])
    except (ValueError, AttributeError):
        raise BadRequest("The body is no JSON object.", 'Send {"argv": []}.') from None
    if not isinstance(argv, list) or not all(isinstance(word, str) for word in argv):
        raise BadRequest("argv is a list of strings.", 'Send {"argv": ["one", "two"]}.')
    return tuple(argv)


def _refuse(request: Request, status: int, message: str, remedy: str) -> bytes:
    return answer(request, status, refusal_body(status, message, remedy), JSON)
