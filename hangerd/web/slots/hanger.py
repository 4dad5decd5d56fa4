"""Everything under /hanger/: what is on each answer there, whoever gives it."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from twisted.web.http import Request
from twisted.web.resource import IResource, Resource

from hangerd.web.answers import answer
from hangerd.web.cors import CorsPolicy, Headers
from hangerd.web.errors import Forbidden, answer_error
from hangerd.web.target import split_target

# Tells a client that it talks to a hangerd, and not to a web server that answers anything.
MARKER = (b"Hanger-Protocol", b"2")
NOSNIFF = (b"X-Content-Type-Options", b"nosniff")
_SERVER = (b"Server", b"hangerd")
_NO_STORE = (b"Cache-Control", b"no-store")


def standing_headers(cors: CorsPolicy, origin: bytes | None) -> Headers:
    """The headers of every answer under /hanger/."""
    return [MARKER, _NO_STORE, NOSNIFF, *cors.headers(origin)]


def refusal_headers(cors: CorsPolicy, path: bytes, origin: bytes | None) -> Headers:
    """The headers of what is refused before a resource is asked, at the door that has slots.

    Where no `path` came it may have been on its way here: a page could not read it otherwise.
    """
    if not path or unquote_to_bytes(split_target(path)[0]).startswith(b"/hanger/"):
        return [_SERVER, *standing_headers(cors, origin)]
    return plain_refusal_headers(path, origin)


def plain_refusal_headers(path: bytes, origin: bytes | None) -> Headers:
    """Give those of a door without slots."""
    return [_SERVER, _NO_STORE, NOSNIFF]


class HangerResource(Resource):
    """Puts the standing headers on, answers preflights, and leaves the rest to the slots' app."""

    isLeaf = True

    def __init__(self, cors: CorsPolicy, slots: IResource) -> None:
        super().__init__()
        self._cors = cors
        self._slots = slots

    def render(self, request: Request) -> bytes | int:
        """Answer one request."""
        origin = request.getHeader(b"Origin")
        headers = request.responseHeaders
        for name, value in standing_headers(self._cors, origin):
            headers.setRawHeaders(name, [value])
        if not (self._cors.allows(origin) or _is_own(origin, request)):
            error = Forbidden("Pages of this origin may not use the slots here.", "See [cors].")
            return answer_error(request, error)
        if request.method == b"OPTIONS":
            return self._preflight(request)
        answered: bytes | int = self._slots.render(request)
        return answered

    def _preflight(self, request: Request) -> bytes:
        told = self._cors.preflight(
            request.getHeader(b"Access-Control-Request-Headers"),
            private_network=request.getHeader(b"Access-Control-Request-Private-Network") == b"true",
        )
        for name, value in told:
            request.responseHeaders.setRawHeaders(name, [value])
        return answer(request, 204)


def _is_own(origin: bytes | None, request: Request) -> bool:
    """Whether the page is of this very host; a proxy may have ended TLS, so any scheme will do."""
    return origin is not None and origin.partition(b"://")[2] == request.getHeader(b"Host")
