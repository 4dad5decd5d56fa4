"""What answers at the root of each door; names of ours win over files of the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twisted.web.http import Request
from twisted.web.resource import IResource, Resource

from hangerd.web.answers import JSON, answer, refusal_body


class Root(Resource):
    """The resources of a door by their first path segment, and one for everything else.

    `arriving` is told of each request before anything else is, and may change its headers.
    """

    def __init__(
        self,
        children: Mapping[bytes, IResource],
        rest: IResource,
        arriving: Callable[[Request], None] | None = None,
    ) -> None:
        super().__init__()
        self._arriving = arriving
        for name, child in children.items():
            self.putChild(name, child)
        self._rest = rest

    def getChildWithDefault(self, path: bytes, request: Any) -> Any:
        """Find what answers."""
        if self._arriving is not None:
            self._arriving(request)
        return super().getChildWithDefault(path, request)

    def getChild(self, path: bytes, request: Request) -> IResource:
        """What no name of ours stands for, with its whole path before it again."""
        served: Any = request  # Twisted gives these two to the requests of its server only
        if served.prepath:
            served.postpath.insert(0, served.prepath.pop())
        return self._rest

    def render(self, request: Request) -> Any:
        """Answer a path that ends right here."""
        return self._rest.render(request)


class Nothing(Resource):
    """Answers 404, with a word on why there is nothing."""

    isLeaf = True

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__()
        self._body = refusal_body(404, message, remedy)

    def render(self, request: Request) -> bytes:
        """Answer one request."""
        return answer(request, 404, self._body, JSON)
