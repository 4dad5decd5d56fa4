"""The listeners: every endpoint of every door, opened before privileges are shed.

A port that cannot be had ends the start with a line that names it; nobody likes a deaf daemon.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from twisted.application.service import Service
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, inlineCallbacks, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import (
    IAddress,
    IListeningPort,
    IProtocolFactory,
    IStreamServerEndpoint,
)
from twisted.logger import Logger
from twisted.python.failure import Failure

from hangerd.errors import SettingsError

# A peer that vanished without a word is noticed within a minute. Accepted sockets inherit these.
# Where it was sent something, `web/arrival.py` notices.
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)

# Twisted's 50 drop connections when a class begins, and each then waits for a second.
_BACKLOG = 1024
_WITH_BACKLOG = frozenset({"tcp", "tcp6", "ssl", "unix"})

_REMEDY = 'write one such as "tcp:9095:interface=127.0.0.1" or "unix:/run/hangerd/http"'
_REMEDIES = {
    "ssl": "; TLS needs pip install 'hangerd[http2]' and key files that can be read",
    "systemd": "; systemd passes such a socket when hangerd.socket starts the daemon",
}


@dataclass(frozen=True)
class Door:
    """An endpoint to listen on, as the operator wrote it, and what answers there.

    `has_pages`: whether people may open it in a browser.
    """

    name: str
    description: str
    endpoint: IStreamServerEndpoint
    factory: IProtocolFactory
    has_pages: bool = False


def option_of(door: str) -> str:
    """The flag that says where a door is."""
    return "--port" if door == "public" else f"--{door}"


def make_doors(
    reactor: Any,
    name: str,
    endpoints: Iterable[str],
    factory: IProtocolFactory,
    *,
    has_pages: bool = False,
) -> list[Door]:
    """Make the doors of one name; an endpoint "none" is nowhere. Raises SettingsError."""
    return [
        Door(name, at, parse_endpoint(reactor, option_of(name), at), factory, has_pages)
        for at in endpoints
        if at != "none"
    ]


def parse_endpoint(reactor: Any, option: str, description: str) -> IStreamServerEndpoint:
    """Make an endpoint from Twisted's notation for servers.

    Raises:
        SettingsError: it is none, or needs what is not installed; `option` is where it came from.
    """
    kind = description.partition(":")[0]
    try:
        endpoint = _with_backlog(reactor, kind, description)
    except Exception as error:
        remedy = _REMEDY + _REMEDIES.get(kind, "")
        raise SettingsError(f"{option} {description}: {error}", remedy) from None
    return endpoint


def _with_backlog(reactor: Any, kind: str, description: str) -> IStreamServerEndpoint:
    """Make an endpoint, with a longer backlog than Twisted's where its author chose none."""
    if kind in _WITH_BACKLOG and "backlog=" not in description:
        with suppress(TypeError):
            # Where it is chosen by its position, it would now be there twice.
            endpoint = serverFromString(reactor, f"{description}:backlog={_BACKLOG}")
            return cast(IStreamServerEndpoint, endpoint)
    return cast(IStreamServerEndpoint, serverFromString(reactor, description))


def describe(address: IAddress) -> str:
    """A bound address as an endpoint names it: "tcp:127.0.0.1:9095", "unix:/run/x"."""
    if isinstance(address, IPv4Address):
        return f"tcp:{address.host}:{address.port}"
    if isinstance(address, IPv6Address):
        return f"tcp:[{address.host}]:{address.port}"
    if isinstance(address, UNIXAddress):
        return f"unix:{(address.name or b'').decode('utf-8', 'replace')}"
    return str(address)


def page_url(address: str, description: str) -> str | None:
    """The URL to open for a bound address, as `describe` gives it; None where there is none."""
    scheme = "https" if description.startswith("ssl:") else "http"
    return f"{scheme}://{address.removeprefix('tcp:')}/" if address.startswith("tcp:") else None


class ListenersService(Service):
    """Opens the doors, and closes them with all who are inside."""

    name = "http"
    _log = Logger()

    def __init__(
        self,
        doors: Sequence[Door],
        close_connections: Callable[[], Deferred[None]],
        refuse_start: Callable[[SettingsError], None],
    ) -> None:
        self._doors = doors
        self._close_connections = close_connections
        self._refuse_start = refuse_start
        self._ports: list[tuple[Door, IListeningPort]] = []

    def privilegedStartService(self) -> None:
        """Listen everywhere, while low ports may still be had."""
        super().privilegedStartService()
        for door in self._doors:
            failures: list[Failure] = []
            listening = door.endpoint.listen(door.factory)
            listening.addCallback(self._listening, door).addErrback(failures.append)
            # Twisted's endpoints listen at once. A Deferred would swallow what ends the process.
            if failures:
                self._refuse_start(_unheard(door, failures[0]))

    def addresses(self) -> dict[str, list[str]]:
        """The bound addresses, by the name of their door."""
        found: dict[str, list[str]] = {door.name: [] for door in self._doors}
        for door, port in self._ports:
            found[door.name].append(describe(port.getHost()))
        return found

    def urls(self, name: str) -> list[str]:
        """The pages that a door has, once it listens."""
        found = [
            page_url(describe(port.getHost()), door.description)
            for door, port in self._ports
            if door.name == name
        ]
        return [url for url in found if url is not None]

    @inlineCallbacks
    def stopService(self) -> Generator[Deferred[Any], Any, None]:
        """Close the ports, then the connections."""
        super().stopService()
        ports, self._ports = self._ports, []
        for _, port in ports:
            yield maybeDeferred(port.stopListening)
        yield self._close_connections()

    def _listening(self, port: IListeningPort, door: Door) -> None:
        self._ports.append((door, port))
        listener = getattr(port, "socket", None)
        if listener is not None and listener.family in {socket.AF_INET, socket.AF_INET6}:
            for level, option, value in _KEEPALIVE:
                listener.setsockopt(level, option, value)
        address = describe(port.getHost())
        self._log.info("{door} listens on {address}", door=door.name, address=address)
        is_tls = door.description.startswith("ssl:")
        if not _is_local(address):
            remedy = (
                "let a firewall say who may come" if is_tls else "put TLS in front, or use ssl:"
            )
            self._log.warn(
                "{door} is open to the network on {address}: {remedy}",
                door=door.name,
                address=address,
                remedy=remedy,
            )
        elif door.has_pages and (url := page_url(address, door.description)):
            self._log.info("open {url}", url=url)


def _unheard(door: Door, failure: Failure) -> SettingsError:
    error = getattr(failure.value, "socketError", failure.value)
    reason = getattr(error, "strerror", None) or str(error)
    option = option_of(door.name)
    return SettingsError(
        f"cannot listen on {door.description}: {reason}",
        f"stop what listens there, or choose another with {option}",
    )


def _is_local(address: str) -> bool:
    return address.startswith(("unix:", "tcp:127.", "tcp:[::1]"))
