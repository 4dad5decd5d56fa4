"""The routes of a Klein app as a resource that takes whatever path a stranger may send."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from klein import Klein
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from hangerd.web.errors import BadRequest, answer_error


class Routes(Resource):
    """Refuses the paths for which Klein would log a traceback, and leaves the rest to its app.

    `app` is the one of an instance: `SlotsApp(...).app`.
    """

    isLeaf = True

    def __init__(self, app: Klein) -> None:
        super().__init__()
        # Klein types a request as IRequest, which has less than ours.
        self._routes: Any = app.resource()

    def render(self, request: Request) -> bytes | int:
        """Answer one request."""
        if not _is_utf8(request.path):
            return answer_error(request, BadRequest("The URL is not UTF-8.", "Encode it so."))
        self._routes.render(request)
        return NOT_DONE_YET


def _is_utf8(path: bytes) -> bool:
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return False
    return True
