"""The listeners that specs ask for with `listen`: opened and closed as hosts come and go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import IResource

from hangerd.errors import SettingsError
from hangerd.hosts.host import Host
from hangerd.hosts.service import HostsService
from hangerd.listen import describe, parse_endpoint
from hangerd.web.hosts.jshost import JsHostApp
from hangerd.web.routes import Routes

MakeSite = Callable[[IResource], IProtocolFactory]


class JsHostDoors(Service):
    """A port that cannot be had is told in the log of its host; the host works all the same."""

    name = "js-host doors"
    _log = Logger()

    def __init__(self, reactor: Any, hosts: HostsService, site: MakeSite) -> None:
        self._reactor = reactor
        self._hosts = hosts
        self._site = site
        self._wanted: dict[str, str] = {}
        self._ports: dict[str, IListeningPort] = {}
        hosts.when_changed(self._changed)

    def startService(self) -> None:
        """Open what the hosts that are defined already ask for."""
        super().startService()
        self._changed()

    def stopService(self) -> Deferred[None]:
        """Close all."""
        super().stopService()
        closed = DeferredList([self._close(name) for name in list(self._wanted)])
        return closed.addCallback(lambda _: None)

    def _changed(self) -> None:
        """Open what is asked for, close what is not any more."""
        if not self.running:
            return
        asked = {name: self._hosts.get(name).spec.listen for name in self._hosts}
        for name in [name for name, at in self._wanted.items() if asked.get(name) != at]:
            self._close(name)
        for name, at in asked.items():
            if at is not None and name not in self._wanted:
                self._wanted[name] = at
                self._open(name, at)

    def _open(self, name: str, description: str) -> None:
        def find() -> Host:
            return self._hosts.get(name)

        try:
            endpoint = parse_endpoint(self._reactor, f"listen of host {name}", description)
        except SettingsError as error:
            self._refused(name, error.message)
            return
        listening = endpoint.listen(self._site(Routes(JsHostApp(find).app)))
        listening.addCallback(self._opened, name).addErrback(self._failed, name)

    def _opened(self, port: IListeningPort, name: str) -> None:
        self._ports[name] = port
        address = describe(port.getHost())
        self._log.info("host {name} listens on {address}", name=name, address=address)
        host = self._hosts.get(name)
        host.listening = address
        host.log.note(0, f"js-host's protocol is spoken on {address}")

    def _failed(self, why: Failure, name: str) -> None:
        self._refused(name, why.getErrorMessage())

    def _refused(self, name: str, message: str) -> None:
        self._log.error("host {name} has no listener: {message}", name=name, message=message)
        self._hosts.get(name).log.note(0, f"has no listener: {message}")

    def _close(self, name: str) -> Deferred[Any]:
        self._wanted.pop(name, None)
        port = self._ports.pop(name, None)
        if name in self._hosts:
            self._hosts.get(name).listening = None
        return maybeDeferred(port.stopListening) if port else maybeDeferred(lambda: None)
