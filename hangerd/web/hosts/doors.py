"""What the daemon's doors offer of its hosts: routes over HTTP, and the socket for calls."""

from __future__ import annotations

from dataclasses import dataclass

from twisted.internet.interfaces import IProtocolFactory, IReactorTime
from twisted.web.resource import IResource

from hangerd.control import ControlSecret
from hangerd.hosts.definitions import Definitions
from hangerd.hosts.door import DoorFactory
from hangerd.hosts.service import HostsService
from hangerd.hosts.tokens import CallTokens
from hangerd.web.auth import ControlToken
from hangerd.web.connections import Connections
from hangerd.web.hosts.access import HostAccess
from hangerd.web.hosts.answers import HostAnswers
from hangerd.web.hosts.routes import HostsApp
from hangerd.web.routes import Routes


@dataclass(frozen=True)
class HostDoors:
    """`routes` go under /hosts/, `direct` beside them; `calls` answers on a Unix socket."""

    routes: IResource
    direct: HostAnswers
    calls: IProtocolFactory


def make_host_doors(
    hosts: HostsService,
    control: ControlSecret,
    clock: IReactorTime,
    connections: Connections,
    definitions: Definitions | None,
) -> HostDoors:
    """Let in by one control token."""
    tokens = CallTokens(control)
    access = HostAccess(ControlToken(control), tokens)
    calls = HostAnswers(hosts, access)
    app = HostsApp(hosts, access, calls, definitions, clock)
    door = DoorFactory(hosts, tokens.good_for, clock, connections)
    control.when_changed(door.leave_by_token)
    return HostDoors(Routes(app.app), calls, door)
