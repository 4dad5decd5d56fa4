"""The modules and style sheets of our own pages, under /-/pages/ of both doors.

A browser asks again each time, and is told in a few bytes that nothing has changed.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import PurePosixPath

from twisted.web.http import CACHED
from twisted.web.resource import Resource
from twisted.web.server import Request

from hangerd.web.answers import JSON, answer, refusal_body

_TYPES = {".js": b"text/javascript; charset=utf-8", ".css": b"text/css; charset=utf-8"}


class Assets(Resource):
    """Sends files that it was given as {path: contents}."""

    isLeaf = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._files = {
            path.encode(): (data, _TYPES[PurePosixPath(path).suffix], _etag(data))
            for path, data in files.items()
        }

    def render_GET(self, request: Request) -> bytes:
        """Send one file, or say that the browser has it."""
        request.setHeader(b"x-content-type-options", b"nosniff")
        found = self._files.get(b"/".join(request.postpath or []))
        if found is None:
            body = refusal_body(404, "There is no such file.", "Load the page again.")
            return answer(request, 404, body, JSON)
        data, kind, etag = found
        request.setHeader(b"cache-control", b"no-cache")
        if request.setETag(etag) is CACHED:
            return b""
        return answer(request, 200, data, kind)


def _etag(data: bytes) -> bytes:
    return b'"%b"' % urlsafe_b64encode(sha256(data).digest()[:12])
