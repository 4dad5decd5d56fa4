"""The document root on the web: a request becomes a file, a script's run, a redirect or a refusal.

It asks the path rules with the request target as it was sent; no other reading of the path counts.
Only GET and HEAD reach static files; a script gets every method.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from hangerd.scripts.disk import Disk
from hangerd.scripts.listing import FolderNames
from hangerd.scripts.paths import (
    Listing,
    PathRules,
    Redirect,
    Refused,
    RootSettings,
    Script,
    StaticFile,
)
from hangerd.web.files.listing import FolderPage
from hangerd.web.files.refusals import refuse, refuse_method
from hangerd.web.files.sending import FileSender
from hangerd.web.files.versions import Versions
from hangerd.web.headers import accepts_html, header
from hangerd.web.packing import Packing

RunScript = Callable[[Request, Script], object]


class Documents(Resource):
    """Serves one document root.

    `run` answers the requests for scripts, by itself and to the end; without it a script is
    answered as if it were not there, and never shown.
    """

    isLeaf = True

    def __init__(
        self,
        settings: RootSettings,
        clock: IReactorTime,
        run: RunScript | None = None,
        disk: Disk | None = None,
        packing: Packing | None = None,
    ) -> None:
        """Take what bounds the packed files; None to send them as they are."""
        super().__init__()
        self._disk = disk or Disk()
        self.rules = PathRules(settings, self._disk, scripts=run is not None)
        self._sender = FileSender(Versions(self._disk.open, clock, packing), packing)
        self._clock = clock
        self._run = run

    def render(self, request: Request) -> int:
        """Answer a request; always finishes it itself."""
        decision = self.rules.decide(
            request.uri, accepts_html=accepts_html(header(request, "accept"))
        )
        match decision:
            case Script() if self._run:
                self._run(request, decision)
            case StaticFile() | Listing() if request.method not in (b"GET", b"HEAD"):
                refuse_method(request)
            case StaticFile():
                self._sender.send(request, decision)
            case Listing():
                names = FolderNames(self.rules, self._disk, decision)
                FolderPage(request, decision.target, names, self._clock).start()
            case Redirect(location):
                request.setHeader(b"location", location)
                refuse(request, 308, "This is a folder: its address ends in a slash")
            case Refused(status, text):
                refuse(request, status, text)
        return NOT_DONE_YET
