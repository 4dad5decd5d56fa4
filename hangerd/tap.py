"""The composition root: the tree of services that twistd starts, made from its options.

It constructs and connects; it decides nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.web.resource import IResource

from hangerd.config import Settings, load_hosts
from hangerd.control import ControlSecret
from hangerd.dashboard.link import LinkService
from hangerd.dashboard.picture import Picture
from hangerd.errors import SettingsError
from hangerd.hosts.definitions import Definitions
from hangerd.hosts.folders import find_runtime_dir, local_endpoints
from hangerd.hosts.sending import Reading
from hangerd.hosts.service import HostsService, around_reactor
from hangerd.hosts.settings_file import SettingsFileService
from hangerd.idle import IdleExit, Used, is_needed
from hangerd.lag import LagService
from hangerd.listen import ListenersService, make_doors
from hangerd.logs import DaemonLog
from hangerd.notify import Notifier
from hangerd.options import Options, refuse_start
from hangerd.places import READY_NAME, default_state_dir
from hangerd.process import calm_collector, raise_file_limit, stop_once
from hangerd.ready import ReadyService
from hangerd.slots.limits import Quota
from hangerd.slots.service import SlotsService
from hangerd.slots.tokens import Tokens
from hangerd.state import StateDirectory, StateService, read_control_token
from hangerd.token_file import TokenFileService
from hangerd.tree import ServiceTree
from hangerd.web.access import access_log
from hangerd.web.auth import ControlToken
from hangerd.web.channel.sending import TurnEnd
from hangerd.web.clients import Clients
from hangerd.web.connections import Connections, close_all
from hangerd.web.cors import CorsPolicy
from hangerd.web.direct import often_asked
from hangerd.web.doors import Nothing, Root
from hangerd.web.health import HealthApp
from hangerd.web.hosts.calls import CALL_LIMIT
from hangerd.web.hosts.doors import make_host_doors
from hangerd.web.hosts.jshost_doors import JsHostDoors
from hangerd.web.operator.assets import Assets
from hangerd.web.operator.dashboard import Dashboard
from hangerd.web.operator.metrics import MetricsResource, registry_of
from hangerd.web.operator.status import StatusApp
from hangerd.web.operator.stopping import StopApp
from hangerd.web.pages import load_assets, load_pages
from hangerd.web.routes import Routes
from hangerd.web.scripts.site import make_script_site
from hangerd.web.site import Site, SiteRules
from hangerd.web.sites import Sites
from hangerd.web.slots.answers import SlotAnswers
from hangerd.web.slots.hanger import HangerResource, plain_refusal_headers, refusal_headers
from hangerd.web.slots.routes import SlotsApp

__all__ = ["Options", "makeService"]


def makeService(options: Options) -> IService:
    """Make the daemon's services; twistd starts them."""
    from twisted.internet import reactor

    try:
        raise_file_limit()
        for prepare in (stop_once, calm_collector):
            reactor.addSystemEventTrigger("after", "startup", prepare)
        log = options.log()
        if log is not None:
            reactor.addSystemEventTrigger("after", "shutdown", log.out.flush)
        return compose(reactor, options.settings, os.environ, log, options.config)
    except SettingsError as error:
        refuse_start(error)


def compose(
    reactor: Any,
    settings: Settings,
    environ: Mapping[str, str],
    log: DaemonLog | None = None,
    config: Path | None = None,
) -> IService:
    """Connect all parts of a daemon; None: `log` is twistd's. `config` has the settings.

    Raises:
        SettingsError: a setting turns out to be unusable.
    """
    state = StateDirectory(settings.state_dir or default_state_dir(environ))
    state.lock()
    return _Composition(reactor, settings, environ, state, log).tree(config)


class _Composition:
    """The parts of one daemon, and how they are connected."""

    def __init__(
        self,
        reactor: Any,
        settings: Settings,
        environ: Mapping[str, str],
        state: StateDirectory,
        log: DaemonLog | None,
    ) -> None:
        self.reactor, self.settings, self.environ, self.log = reactor, settings, environ, log
        secret = ControlSecret(state.control_token(settings.control_token_file))
        self.control = ControlToken(secret)
        self.state_path = state.path
        self.token_file = (settings.control_token_file or state.own_token_file).absolute()
        self.token = TokenFileService(reactor, secret, self.token_file, read_control_token)
        self.clients = Clients(settings.http.trusted_proxies)
        limits = settings.http
        self.connections = Connections(limits.max_connections, limits.max_connections_per_client)
        self.admin_connections = Connections(limits.max_admin_connections)
        self.cors = CorsPolicy(settings.cors.origins, credentials=settings.cors.credentials)
        self.slots = SlotsService(reactor, Tokens(), settings.slots)
        self.slot_answers = SlotAnswers(self.slots, settings.slots)
        self.runtime = find_runtime_dir(state.path, environ)
        self.turn_end = TurnEnd(reactor)
        around = around_reactor(reactor, state.path, self.runtime, Reading(self.turn_end.call))
        self.hosts = HostsService(around, state.path)
        definitions = self._definitions(state.path)
        self.host_doors = make_host_doors(
            self.hosts, secret, reactor, self.connections, definitions
        )
        self.assets = Assets(load_assets())
        self.scripts = make_script_site(
            reactor, settings, self.slots, self.hosts, self.clients, self.turn_end
        )
        more = [self.scripts.service] if self.scripts else []
        self.used: list[Used] = [self.hosts, self.slots, *more]
        self.dashboard = Dashboard(
            reactor, secret, self.clients, settings.allowed_hosts, self._picture()
        )
        self.state = StateService(state)
        self.lag = LagService(reactor)
        self.sites = Sites(reactor, limits, access_log(log, reactor), self.turn_end)
        self.rules = SiteRules(
            body_limit=self._body_limit(),
            refusal_headers=partial(refusal_headers, self.cors),
            receiving=Quota(
                "bytes that come in", limits.max_receiving, limits.max_receiving_per_client
            ),
            clients=self.clients,
        )

    def _picture(self) -> Picture:
        scripts = self.scripts.service if self.scripts else None
        seconds, public = self.reactor.seconds, lambda: self.listeners.urls("public")
        return Picture(seconds, self.slots, self.hosts, scripts, public)

    def tree(self, config: Path | None) -> ServiceTree:
        """All services, in the order in which they start and that in which they stop."""
        scripts = [self.scripts.service] if self.scripts else []
        listeners = self.listeners = self._listeners()
        ready = self._ready(listeners)
        js_doors = JsHostDoors(self.reactor, self.hosts, self._js_host_site)
        followers = [
            SettingsFileService(self.reactor, self.hosts, file, self.settings.hosts, load_hosts)
            for file in [config]
            if file is not None
        ]
        links = [self._link(listeners)] if self.settings.print_link else []
        feed = self.dashboard.feed
        working = [self.token, self.lag, feed, self.slots, *scripts, js_doors, self.hosts]
        idle = self._idle_exit()
        stopped = [ready, *idle, *followers, *working, listeners, self.state]
        observer = self.log.observer if self.log else None
        tree = ServiceTree(self.reactor, stopped, self.settings.shutdown_timeout, observer)
        started = [self.state, self.token, self.lag, self.hosts, *scripts, self.slots]
        for service in (*started, feed, listeners, js_doors, *followers, *links, *idle, ready):
            service.setServiceParent(tree)
        return tree

    def _definitions(self, state_dir: Path) -> Definitions | None:
        """Define the hosts of the settings, and (if that is allowed) those of a run before."""
        for name, spec in self.settings.hosts.items():
            self.hosts.define(name, spec)
        if not self.settings.allow_specs:
            return None
        definitions = Definitions(self.hosts, state_dir / "hosts", Path.cwd())
        definitions.restore()
        return definitions

    def _ready(self, listeners: ListenersService) -> ReadyService:
        self.ready = ReadyService(
            self.reactor.callWhenRunning,
            lambda: {**listeners.addresses(), "control_token_file": str(self.token_file)},
            Notifier(self.environ),
            [*filter(None, [self.settings.ready_file]), self.state_path / READY_NAME],
            refuse_start,
        )
        return self.ready

    def _idle_exit(self) -> list[IdleExit]:
        seconds = self.settings.idle_exit
        return [IdleExit(self.reactor, seconds, self.used, self.reactor.stop)] if seconds else []

    def _link(self, listeners: ListenersService) -> LinkService:
        return LinkService(
            self.reactor.callWhenRunning,
            lambda: listeners.urls("admin"),
            self.dashboard.links.issue,
            # Past the log, for which twistd takes sys.stdout: no token is in there.
            lambda text: print(text, end="", file=sys.__stdout__, flush=True),
        )

    def _listeners(self) -> ListenersService:
        settings = self.settings
        plain = replace(self.rules, refusal_headers=plain_refusal_headers)
        pages = self.scripts.road if self.scripts else None
        often = often_asked(self.slot_answers, self.cors, self.host_doors.direct, pages)
        public = self.sites.make(self._public(), self.rules, self.connections, often)
        admin = self.sites.make(self._admin(), plain, self.admin_connections)
        make = partial(make_doors, self.reactor)
        doors = [
            *make("public", settings.port, public, has_pages=settings.root is not None),
            *make("admin", [settings.admin], admin),
        ]
        if settings.calls != "none":  # where programs of this user come in: hangerd.client
            calls, http = local_endpoints(self.runtime)
            doors += make("calls", [settings.calls or calls], self.host_doors.calls)
            local = self.sites.make(self._public(local=True), self.rules, self.connections, often)
            doors += make("local", [http], local)
        pools = [self.connections, self.admin_connections]
        return ListenersService(doors, lambda: close_all(pools), refuse_start)

    def _public(self, *, local: bool = False) -> IResource:
        scripts = self.scripts
        slots = SlotsApp(self.slot_answers, load_pages())
        runs = scripts.public() if scripts else {}
        own = self._own(runs) if local else Root({b"pages": self.assets} | runs, self._health())
        return Root(
            {
                b"hanger": HangerResource(self.cors, Routes(slots.app)),
                b"hosts": self.host_doors.routes,
                b"-": own,
            },
            scripts.documents() if scripts else _no_files(),
        )

    def _admin(self) -> IResource:
        own = self._own({b"metrics": self._metrics()} | self.dashboard.routes())
        return self.dashboard.door({b"-": own, b"hosts": self.host_doors.routes})

    def _own(self, more: dict[bytes, IResource]) -> IResource:
        pools = [self.connections, self.admin_connections]
        status = StatusApp(self.control, self.slots, pools, self._health())
        runs = self.scripts.operator(self.control) if self.scripts else {}
        return Root({b"pages": self.assets} | runs | more, Routes(status.app))

    def _metrics(self) -> IResource:
        scripts = self.scripts.service if self.scripts else None
        doors = {
            "public": lambda: len(self.connections),
            "admin": lambda: len(self.admin_connections),
        }
        registry = registry_of(self.slots, scripts, self.hosts, self.sites.tally, doors, self.lag)
        return MetricsResource(registry, None if self.settings.metrics_open else self.control)

    def _health(self) -> IResource:
        scripts = self.scripts
        health = HealthApp(
            lambda: self.ready.ready, lambda: scripts is None or scripts.service.healthy
        )
        needed = partial(is_needed, self.settings.idle_exit, self.used)
        return Routes(StopApp(self.control, needed, self.reactor.stop, Routes(health.app)).app)

    def _js_host_site(self, root: IResource) -> Site:
        rules = replace(
            self.rules, body_limit=lambda _: CALL_LIMIT, refusal_headers=plain_refusal_headers
        )
        return self.sites.make(root, rules, self.connections)

    def _body_limit(self) -> Callable[[bytes], int]:
        slots = self.settings.slots.max_body
        others = self.scripts.body_limit(slots) if self.scripts else lambda _: slots
        return lambda path: CALL_LIMIT if path.startswith(b"/hosts/") else others(path)


def _no_files() -> IResource:
    return Nothing("There are no files here.", "Start hangerd with --root FOLDER.")
