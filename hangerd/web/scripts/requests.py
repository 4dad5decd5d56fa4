"""Requests for scripts: decoded into a visit, run by the service, answered as they look best."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.web.server import Request

from hangerd.scripts.errors import ScriptRefused
from hangerd.scripts.paths import Script
from hangerd.scripts.pump import Visitor
from hangerd.scripts.record import Record
from hangerd.scripts.service import ScriptsService
from hangerd.scripts.settings import ScriptSettings
from hangerd.scripts.visit import Visit
from hangerd.web.clients import Clients
from hangerd.web.files.refusals import refuse
from hangerd.web.packing import Packing
from hangerd.web.scripts.answer import RawAnswer
from hangerd.web.scripts.direct import DirectAnswer
from hangerd.web.scripts.exchange import ScriptExchange
from hangerd.web.scripts.headers import Said, said_by
from hangerd.web.scripts.text import BrowserAnswer
from hangerd.web.websockets.upgrades import UpgradeRefused, Upgrades, refuse_upgrade

CONTEXT = "hangerd_script_context"


class ScriptRequests:
    """Answers the requests that the document root has found a script for."""

    def __init__(
        self,
        service: ScriptsService,
        clients: Clients,
        upgrades: Upgrades,
        clock: IReactorTime,
        packing: Packing,
        *,
        debug: bool = False,
    ) -> None:
        self._service = service
        self._clients = clients
        self._upgrades = upgrades
        self._clock = clock
        self._packing = packing
        self._debug = debug

    def __call__(self, request: Request, script: Script) -> None:
        """Answer one request, now or as the script prints."""
        if isinstance(request, ScriptExchange):  # which is none that asks for an upgrade
            said = request.said
        elif self._upgrades.wanted(request):
            self._upgrade(request, script)
            return
        else:
            said = said_by(request.requestHeaders.getAllRawHeaders())
        interactive = said.wants_page and request.method in (b"GET", b"POST")
        visit = self.visit(request, script, said, interactive=interactive)
        self._run(request, visit, partial(self._page if said.wants_page else self._raw, request))

    def _page(self, request: Request, settings: ScriptSettings) -> Visitor:
        packing = self._packing if settings.compress else None
        return BrowserAnswer(request, settings, self._clock, packing, debug=self._debug)

    def _raw(self, request: Request | ScriptExchange, settings: ScriptSettings) -> Visitor:
        packing = self._packing if settings.compress else None
        if isinstance(request, ScriptExchange):
            return DirectAnswer(request, settings, packing, debug=self._debug)
        return RawAnswer(request, settings, packing, debug=self._debug)

    def _upgrade(self, request: Request, script: Script) -> None:
        try:
            link, visitor = self._upgrades.open(request)
        except UpgradeRefused as refused:
            refuse_upgrade(request, refused)
            return
        visit = self.visit(request, script, interactive=True, link=link)
        self._run(request, visit, visitor.visitor)

    def _run(
        self, request: Request, visit: Visit, visitor_for: Callable[[ScriptSettings], Visitor]
    ) -> None:
        try:
            self._service.run(visit, visitor_for)
        except ScriptRefused as refused:
            request.setHeader(b"retry-after", b"2")
            refuse(request, 503, refused.message)
        except (OSError, ValueError):
            refuse(request, 404, "The script is there no more")

    def visit(
        self,
        request: Request,
        script: Script,
        said: Said | None = None,
        *,
        interactive: bool = False,
        **instead: Any,
    ) -> Visit:
        """Decode a request; `instead` are facts that hold in place of what it says.

        `said` is what its headers say, where they were read before.
        """
        said = said or said_by(request.requestHeaders.getAllRawHeaders())
        host = request.getHost()
        origin = self._clients.origin(request)
        content: Any = request.content
        size = content.seek(0, 2)
        content.seek(0)
        visit = Visit(
            id=os.urandom(8).hex(),
            method=request.method.decode("latin-1"),
            uri=request.uri.decode("latin-1"),
            version=request.clientproto.decode("latin-1").removeprefix("HTTP/"),
            headers=said.pairs,
            body=content,
            body_size=size,
            document_root=self._service.root,
            script=script.path,
            script_name=script.script_name,
            path_info=script.path_info,
            path_info_raw=script.path_info_raw,
            scheme="https" if origin.secure else "http",
            host=said.host,
            server=(getattr(host, "host", ""), getattr(host, "port", 0)),
            peer=(origin.host, getattr(request.client, "port", 0)),
            client=origin.client,
            context=_context(request),
            interactive=interactive,
        )
        return replace(visit, **instead) if instead else visit


def body_limit_of(
    service: ScriptsService, decide: Callable[[bytes], object], default: int
) -> Callable[[bytes], int]:
    """Return what bounds the body of a request for a path: what its script allows."""

    def limit(path: bytes) -> int:
        if path.startswith((b"/hanger/", b"/-/")):
            return default
        decision = decide(path)
        if not isinstance(decision, Script):
            return default
        try:
            return service.sources.get(decision.path).settings.body
        except (OSError, ValueError):
            return default

    return limit


def _context(request: Request) -> Record:
    """Return what scripts keep on a connection; it goes when the connection goes."""
    channel: Any = request.channel
    if not isinstance(kept := getattr(channel, CONTEXT, None), Record):
        kept = Record()
        setattr(channel, CONTEXT, kept)
    return kept
