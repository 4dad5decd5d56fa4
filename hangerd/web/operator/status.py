"""What the daemon holds, for its operator: on the admin listener, with the control token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from klein import Klein
from twisted.web.http import Request
from twisted.web.resource import IResource

from hangerd.slots.service import SlotsService
from hangerd.web.answers import answer_json
from hangerd.web.auth import ControlToken
from hangerd.web.connections import Connections
from hangerd.web.errors import answer_errors_of


class StatusApp:
    """The routes under /-/ of the admin listener; those of every listener among them."""

    app = Klein()
    answer_errors_of(app)

    def __init__(
        self,
        control: ControlToken,
        slots: SlotsService,
        connections: Sequence[Connections],
        health: IResource,
    ) -> None:
        self._control = control
        self._slots = slots
        self._connections = connections
        self._health = health

    @app.route("/slots", methods=["GET"])
    def slots(self, request: Request) -> bytes:
        """Count the slots, the stored bytes, the waiting requests and the open connections."""
        self._control.require(request)
        told = asdict(self._slots.counts()) | {"connections": sum(map(len, self._connections))}
        return answer_json(request, 200, told)

    @app.route("/", branch=True)
    def others(self, request: Request) -> IResource:
        """Leave the rest to what every listener answers."""
        return self._health
