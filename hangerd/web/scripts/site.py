"""Connects the parts of one served folder: its scripts, its files, and what a door asks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.resource import IResource

from hangerd.config import Settings
from hangerd.errors import SettingsError
from hangerd.hosts.faults import CallError
from hangerd.hosts.service import HostsService
from hangerd.hosts.thread_door import ThreadDoor
from hangerd.scripts.calling import Hosts
from hangerd.scripts.crew import Crew
from hangerd.scripts.disk import Disk
from hangerd.scripts.inbox import Inbox
from hangerd.scripts.paths import PathRules, RootSettings
from hangerd.scripts.pool import Pool
from hangerd.scripts.routing import Routing
from hangerd.scripts.service import ScriptsService
from hangerd.slots.service import SlotsService
from hangerd.web.auth import ControlToken
from hangerd.web.channel.sending import TurnEnd
from hangerd.web.clients import Clients
from hangerd.web.files.documents import Documents
from hangerd.web.packing import Packing
from hangerd.web.routes import Routes
from hangerd.web.scripts.console import ConsoleResource
from hangerd.web.scripts.requests import ScriptRequests, body_limit_of
from hangerd.web.scripts.road import ScriptRoad
from hangerd.web.scripts.runs import RunResource, RunsApp
from hangerd.web.websockets.upgrades import Upgrades


class ScriptSite:
    """The folder `root` with its scripts; `service` is to be started, `road` is the direct one."""

    def __init__(
        self,
        reactor: Any,
        root: str,
        settings: Settings,
        slots: SlotsService,
        hosts: HostsService,
        clients: Clients,
        turn_end: TurnEnd,
    ) -> None:
        limits, debug = settings.scripts, settings.debug
        self._reactor = reactor
        self._debug = debug
        files = settings.files
        self._root = RootSettings(
            root, listing=files.listing, follow_symlinks=files.follow_symlinks
        )
        self._rules = PathRules(self._root, Disk(), scripts=True)
        inbox = Inbox(reactor)
        pool = Pool(
            limits.threads,
            limits.queue,
            Crew(inbox.attend),
            turn_end.first,
            inbox.callFromThread,
        )
        door = ThreadDoor(hosts, inbox.callFromThread)
        extras = {"hosts": Hosts(door), "CallError": CallError}
        self.service = ScriptsService(
            reactor, slots, root, pool, inbox, limits, limits.by_folder(root), extras, Routing()
        )
        upgrades = Upgrades(
            limits.websocket_origins,
            reactor,
            inbox.callFromThread,
            allowed=limits.websockets,
            debug=debug,
        )
        packing = Packing(reactor)
        self._requests = ScriptRequests(
            self.service, clients, upgrades, reactor, packing, debug=debug
        )
        packs = packing if files.compress else None
        self._documents = Documents(self._root, reactor, self._requests, packing=packs)
        self.road = ScriptRoad(self._documents.rules, self._requests)

    def documents(self) -> IResource:
        """Return what serves the folder."""
        documents: IResource = self._documents
        return documents

    def public(self) -> dict[bytes, IResource]:
        """Return what is asked under /-/ of the public door."""
        run = RunResource(
            self.service, self._rules, self._requests, self._reactor, debug=self._debug
        )
        return {b"run": run, b"console": ConsoleResource(self._rules)}

    def operator(self, control: ControlToken) -> dict[bytes, IResource]:
        """Return what is asked under /-/ of the operator's door."""
        return {b"runs": Routes(RunsApp(self.service, control, self._reactor.seconds).app)}

    def body_limit(self, default: int) -> Callable[[bytes], int]:
        """Return what bounds the body of a request for a path; `default` is for all but scripts."""
        return body_limit_of(self.service, self._rules.decide, default)


def make_script_site(
    reactor: Any,
    settings: Settings,
    slots: SlotsService,
    hosts: HostsService,
    clients: Clients,
    turn_end: TurnEnd,
) -> ScriptSite | None:
    """Serve the folder of the settings, if they name one. Raises SettingsError when it is none."""
    root = settings.root
    if root is None:
        return None
    if not root.is_dir():
        raise SettingsError(f"--root {root} is no folder", "name one that exists")
    return ScriptSite(reactor, str(root.resolve()), settings, slots, hosts, clients, turn_end)
