"""The composition root: twistd's options, and the tree of services made from them.

It constructs and connects; it decides nothing.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from twisted.application.service import IService
from twisted.logger import ILogObserver, Logger
from twisted.python import usage
from twisted.web.resource import IResource

from hangerd.config import DEFAULT_ADMIN, DEFAULT_PORT, Settings, load_settings
from hangerd.errors import SettingsError
from hangerd.listen import Door, ListenersService, parse_endpoint
from hangerd.logs import log_observer, open_log
from hangerd.notify import Notifier
from hangerd.ready import ReadyService
from hangerd.scripts.paths import RootSettings
from hangerd.slots.limits import Quota
from hangerd.slots.service import SlotsService
from hangerd.slots.tokens import new_token
from hangerd.state import StateDirectory, StateService, default_state_dir
from hangerd.tree import ServiceTree
from hangerd.web.access import AccessLog
from hangerd.web.auth import ControlToken
from hangerd.web.channel import ChannelParts, HttpChannel, Limits
from hangerd.web.clients import Clients
from hangerd.web.connections import Connections, close_all
from hangerd.web.cors import CorsPolicy
from hangerd.web.documents import Documents
from hangerd.web.doors import Nothing, Root
from hangerd.web.hanger import PLAIN_REFUSAL, HangerResource, refusal_headers
from hangerd.web.health import HealthApp
from hangerd.web.http1 import Channel
from hangerd.web.pages import load_pages
from hangerd.web.routes import Routes
from hangerd.web.site import Site, SiteRules
from hangerd.web.slots import SlotsApp
from hangerd.web.status import StatusApp


class StartRefused(SystemExit, Exception):
    """Ends the process with status 1.

    It is an Exception too, since twistd tells only of those whoever waits for a daemon to start
    in the background; for everything else he would wait for ever.
    """

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.code = 1


def refuse_start(error: SettingsError) -> NoReturn:
    """End the process with one line about what is wrong and what to do."""
    # twistd has redirected sys.stderr into the log by the time that a port turns out to be taken.
    line = f"hangerd: {error.message}; {error.remedy}"
    print(line, file=sys.__stderr__, flush=True)
    raise StartRefused(line)


class Options(usage.Options):
    """What `twistd hangerd` can be told. Each flag is a setting; flags win over --config."""

    synopsis = "[options]"
    optParameters = [  # noqa: RUF012 (read by usage.Options)
        ["admin", None, None, f'Where the operator comes in; "none" for nowhere [{DEFAULT_ADMIN}]'],
        ["root", None, None, "Serve this folder; without it there are no files"],
        ["config", None, None, "A TOML file of settings (see etc/hangerd.toml)"],
        ["state-dir", None, None, "Where the daemon keeps what outlives it"],
        ["control-token-file", None, None, "The token of who may control the daemon"],
        ["ready-file", None, None, "Write pid and addresses here, as JSON, when all listen"],
        ["log-format", None, None, '"text" or "json" [text]'],
    ]
    optFlags = [["debug", None, "Log more, and show the visitors of a script how it failed"]]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._ports: list[str] = []
        self.settings = Settings()

    def parseArgs(self, *words: str) -> None:
        """Refuse what is no flag."""
        if words:
            raise usage.UsageError(f"{words[0]} is no flag")

    def opt_port(self, endpoint: str) -> None:
        """Listen for the public here, in Twisted's notation; may be repeated."""
        self._ports.append(endpoint)

    opt_port.__doc__ = f"Listen for the public on this endpoint; repeatable [{DEFAULT_PORT}]"

    def opt_version(self) -> NoReturn:
        """Say hangerd's version."""
        print("hangerd", version("hangerd"))
        raise SystemExit(0)

    def parseOptions(self, options: Any = None) -> None:
        """Read the flags and the file they name, or say what is wrong with them."""
        try:
            super().parseOptions(options)
            self.settings = load_settings(self._flags(), _path(self["config"]))
        except usage.UsageError as error:
            refuse_start(SettingsError(str(error), "see twistd hangerd --help"))
        except SettingsError as error:
            refuse_start(error)

    def _flags(self) -> dict[str, Any]:
        flags = {name.replace("-", "_"): value for name, value in self.items() if value}
        flags.pop("config", None)
        if "debug" in flags:
            flags["debug"] = True
        return flags | ({"port": self._ports} if self._ports else {})

    def log_observer(self) -> ILogObserver | None:
        """Our log, unless twistd was told of another with --logger or --syslog."""
        twistd = getattr(self, "parent", None) or {}
        if twistd.get("logger") or twistd.get("syslog"):
            return None
        path = twistd.get("logfile") or ("" if twistd.get("nodaemon") else "twistd.log")
        settings = self.settings
        out = open_log(path, sys.stdout)
        return log_observer(out, settings.log_format, debug=settings.debug)


def makeService(options: Options) -> IService:
    """Make the daemon's services; twistd starts them."""
    from twisted.internet import reactor

    try:
        _raise_file_limit()
        reactor.addSystemEventTrigger("before", "shutdown", _stop_once)
        return compose(reactor, options.settings, os.environ, options.log_observer())
    except SettingsError as error:
        refuse_start(error)


def compose(
    reactor: Any,
    settings: Settings,
    environ: Mapping[str, str],
    observer: ILogObserver | None = None,
) -> IService:
    """Connect all parts of a daemon.

    Raises:
        SettingsError: a setting turns out to be unusable.
    """
    state = StateDirectory(settings.state_dir or default_state_dir(environ))
    state.lock()
    control = ControlToken(state.control_token(settings.control_token_file))
    clients = Clients(settings.http.trusted_proxies)
    limits = settings.http
    connections = Connections(limits.max_connections, limits.max_connections_per_client)
    admin_connections = Connections(limits.max_admin_connections)
    receiving = Quota("bytes that come in", limits.max_receiving, limits.max_receiving_per_client)
    cors = CorsPolicy(settings.cors.origins, credentials=settings.cors.credentials)
    slots = SlotsService(reactor, new_token, settings.slots)
    health = Routes(HealthApp(lambda: ready.ready).app)
    slots_app = SlotsApp(slots, settings.slots, clients, load_pages())

    rules = SiteRules(
        body_limit=lambda _: settings.slots.max_body,
        refusal_headers=lambda origin, target: refusal_headers(cors, origin, target),
        receiving=receiving,
        clients=clients,
    )

    def site(root: IResource, pool: Connections, rules: SiteRules) -> Site:
        return Site(
            root,
            reactor,
            rules,
            AccessLog(reactor, clients, Logger("hangerd.access")),
            pool,
            limits.idle_timeout,
            _channels(reactor, limits.channel, rules),
        )

    public = site(
        Root(
            {b"hanger": HangerResource(cors, Routes(slots_app.app)), b"-": health},
            _documents(reactor, settings.root),
        ),
        connections,
        rules,
    )
    status = StatusApp(control, slots, [connections, admin_connections], health)
    admin = site(
        Root({b"-": Routes(status.app)}, Nothing("No page yet.", "See /-/slots.")),
        admin_connections,
        replace(rules, refusal_headers=lambda *_: PLAIN_REFUSAL),
    )
    listeners = ListenersService(
        [
            *(_door(reactor, "public", port, public, settings.root) for port in settings.port),
            *(_door(reactor, "admin", at, admin) for at in [settings.admin] if at != "none"),
        ],
        lambda: close_all([connections, admin_connections]),
        refuse_start,
    )
    ready = ReadyService(
        reactor.callWhenRunning,
        listeners.addresses,
        Notifier(environ),
        settings.ready_file,
        refuse_start,
    )
    directory = StateService(state)
    stop_order = [ready, slots, listeners, directory]
    tree = ServiceTree(reactor, stop_order, settings.shutdown_timeout, observer)
    for service in (directory, slots, listeners, ready):
        service.setServiceParent(tree)
    return tree


def _door(reactor: Any, name: str, description: str, site: Site, root: Path | None = None) -> Door:
    option = "--admin" if name == "admin" else "--port"
    endpoint = parse_endpoint(reactor, option, description)
    return Door(name, description, endpoint, site, has_pages=root is not None)


def _channels(reactor: Any, name: str, rules: SiteRules) -> Callable[[], Any]:
    """What makes the HTTP/1.1 side of a connection: our channel, or Twisted's with our manners."""
    if name == "twisted":
        return Channel
    parts = ChannelParts(
        reactor,
        Limits(body_bytes=None),
        lambda refused: rules.refusal_headers(refused.origin, refused.path or None),
    )
    return lambda: HttpChannel(parts)


def _documents(reactor: Any, root: Path | None) -> IResource:
    if root is None:
        return Nothing("There are no files here.", "Start hangerd with --root FOLDER.")
    if not root.is_dir():
        raise SettingsError(f"--root {root} is no folder", "name one that exists")
    return Documents(RootSettings(str(root)), reactor)


def _raise_file_limit() -> None:
    """Take as many open files as the system lets us: each waiting read is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _stop_once() -> None:
    """Let a second signal to stop change nothing: Twisted would log an error, and go on as it is.

    These are functions, not SIG_IGN, since a child would inherit that.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
