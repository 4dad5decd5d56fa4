"""Who a request comes from, as far as limits and the log are concerned."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from twisted.internet.address import UNIXAddress
from twisted.internet.interfaces import IAddress
from twisted.web.http import Request
from twisted.web.iweb import IRequest

from hangerd.errors import SettingsError
from hangerd.web.headers import header
from hangerd.web.plain import HeaderLines

UNIX = "unix"
# What some proxies append to an address: 192.0.2.7:5678, [2001:db8::1]:80; and brackets alone.
_PORT = re.compile(r"^(?:([0-9.]+):[0-9]{1,5}|\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?)$")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=4096)
def client_of(host: str) -> str:
    """The client that an address stands for: of IPv6, the /64 network that one customer gets."""
    if ":" not in host:
        return host
    try:
        address = ipaddress.IPv6Address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


class Origin(NamedTuple):
    """Where a request comes from: see `Clients.host`, `address` and `is_secure`."""

    host: str
    client: str
    secure: bool


class Clients:
    """Tells clients apart, by what trusted proxies say where one is in between.

    `trusted_proxies` are addresses, networks, or "unix" for whoever comes by a Unix socket.

    Raises:
        SettingsError: one of them is neither.
    """

    def __init__(self, trusted_proxies: Sequence[str]) -> None:
        self._trust_unix = UNIX in trusted_proxies
        self._networks = [_network(proxy) for proxy in trusted_proxies if proxy != UNIX]

    def address(self, request: Request) -> str:
        """The client of a request, such as "192.0.2.7", "2001:db8::/64" or "unix"."""
        client = _whose(request)
        return client or self.of(request.client, request.requestHeaders.getRawHeaders)

    def origin(self, request: Request) -> Origin:
        """All of that about a request."""
        client = _whose(request)
        if client is not None:
            return Origin(_host(request.client), client, bool(request.isSecure()))
        host = self.host(request)
        return Origin(host, client_of(host), self.is_secure(request))

    def of(self, peer: IAddress | None, lines: HeaderLines) -> str:
        """The client of a request that came from a peer, with such headers."""
        return client_of(self._origin(peer, lines))

    def host(self, request: Request) -> str:
        """The address that a request came from: the client's own, where `address` has a network."""
        return self._origin(request.client, request.requestHeaders.getRawHeaders)

    def of_connection(self, peer: IAddress | None) -> str | None:
        """The client whose connection this is; None if others come by it, or by Unix sockets."""
        host = _host(peer)
        return None if host == UNIX or self._trusted(host) else client_of(host)

    def is_secure(self, request: Request) -> bool:
        """Whether the browser uses https, to us or to a trusted proxy that says so."""
        if request.isSecure():
            return True
        if not self._trusted(_host(request.client)):
            return False
        told = header(cast(IRequest, request), "X-Forwarded-Proto")
        return (told or "").strip().lower() == "https"

    def _origin(self, peer: IAddress | None, lines: HeaderLines) -> str:
        host = _host(peer)
        if self._trusted(host):
            return self._forwarded(lines(b"X-Forwarded-For") or (), host)
        return host

    def _forwarded(self, lines: Sequence[bytes], host: str) -> str:
        """The last address in X-Forwarded-For that no trusted proxy has: others can be made up."""
        for value in reversed(b",".join(lines).decode("latin-1").split(",")):
            said = _PORT.sub(r"\1\2", value.strip())
            if not _is_address(said):
                return host
            host = said
            if not self._trusted(host):
                return host
        return host

    def _trusted(self, host: str) -> bool:
        if host == UNIX:
            return self._trust_unix
        if not self._networks or not _is_address(host):
            return False
        address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
        # A listener for both families shows IPv4 peers as ::ffff:192.0.2.7.
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._networks)


def _whose(request: Request) -> str | None:
    """The client of a request's connection, as `of_connection` said when that began."""
    client: str | None = getattr(request.channel, "client", None)
    return client


def _host(peer: IAddress | None) -> str:
    """The address of a peer; one name for all of a kind that we do not know, which none trusts."""
    if isinstance(peer, UNIXAddress):
        return UNIX
    host = getattr(peer, "host", None)
    return host if isinstance(host, str) else "unknown"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise SettingsError(
            f'http.trusted_proxies: "{text}" is no address or network',
            'name addresses such as "127.0.0.1", networks such as "10.0.0.0/8", or "unix"',
        ) from None
