"""Is it alive, is it ready: what load balancers and people ask under /-/."""

from __future__ import annotations

from collections.abc import Callable

from klein import Klein
from twisted.web.http import Request

from hangerd.web.answers import answer_json
from hangerd.web.errors import answer_errors_of


class HealthApp:
    """The routes under /-/ of every door."""

    app = Klein()
    answer_errors_of(app)

    def __init__(
        self, is_ready: Callable[[], bool], is_healthy: Callable[[], bool] = lambda: True
    ) -> None:
        self._is_ready = is_ready
        self._is_healthy = is_healthy

    @app.route("/health", methods=["GET"])
    def health(self, request: Request) -> bytes:
        """Say that the daemon is alive: that it answers is the news, unless a part is not well."""
        if not self._is_healthy():
            return answer_json(request, 503, {"status": "scripts cannot be run"})
        return answer_json(request, 200, {"status": "alive"})

    @app.route("/ready", methods=["GET"])
    def ready(self, request: Request) -> bytes:
        """Say whether the daemon listens and is not stopping."""
        if self._is_ready():
            return answer_json(request, 200, {"status": "ready"})
        request.responseHeaders.setRawHeaders(b"Retry-After", [b"2"])
        return answer_json(request, 503, {"status": "not ready"})
