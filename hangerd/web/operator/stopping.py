"""Ends the daemon for a program that has the control token, under /-/ of every door."""

from __future__ import annotations

from collections.abc import Callable

from klein import Klein
from twisted.web.resource import IResource

from hangerd.web import query
from hangerd.web.answers import answer_json
from hangerd.web.auth import ControlToken
from hangerd.web.errors import Conflict, answer_errors_of
from hangerd.web.request import Request


class StopApp:
    """`POST /-/stop`; every other path is for `others`.

    `is_needed` says whether somebody uses the daemon, or its operator keeps it running.
    """

    app = Klein()
    answer_errors_of(app)

    def __init__(
        self,
        control: ControlToken,
        is_needed: Callable[[], bool],
        stop: Callable[[], object],
        others: IResource,
    ) -> None:
        self._control = control
        self._is_needed = is_needed
        self._stop = stop
        self._others = others

    @app.route("/stop", methods=["POST"])
    def stop(self, request: Request) -> bytes:
        """End the daemon; with ?unused only one that ends by itself, and that nobody uses."""
        self._control.require(request)
        if query.flag(request, "unused") and self._is_needed():
            raise Conflict(
                "The daemon is in use, or does not end by itself.",
                "Leave it, or do without ?unused.",
            )
        self._stop()
        return answer_json(request, 202, {"status": "stopping"})

    @app.route("/", branch=True)
    def others(self, request: Request) -> IResource:
        """Leave the rest to what every listener answers."""
        return self._others
