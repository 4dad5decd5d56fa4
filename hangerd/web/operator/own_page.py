"""Whether a request comes from a page of ours: what a browser's cookie counts for only then.

A cookie knows no ports and is sent by every tab, so where it counts, the name by which we are asked
(DNS may lead any name to us), and the origin of the page that asks, have to be ours.
"""

from __future__ import annotations

from collections.abc import Collection

from twisted.web.http import Request

from hangerd.web.clients import Clients
from hangerd.web.errors import Forbidden

_READING = frozenset({b"GET", b"HEAD"})
_OWN_SITES = frozenset({None, b"same-origin", b"none"})


class OwnPage:
    """`hosts` are the names that are ours, without ports; `clients` knows the trusted proxies."""

    def __init__(self, hosts: Collection[str], clients: Clients) -> None:
        self._hosts = frozenset(host.encode() for host in hosts)
        self._clients = clients

    def require(self, request: Request) -> None:
        """Refuse what another page may have sent, or a page that reached us by another name.

        What changes something must name its origin, which every browser does.

        Raises:
            Forbidden: it is not certain that the request is from our own page.
        """
        host = self._host(request)
        origin = request.getHeader(b"Origin")
        if origin is None and request.method in _READING:
            if request.getHeader(b"Sec-Fetch-Site") not in _OWN_SITES:
                raise Forbidden("Another page asked for this.", "Open the dashboard itself.")
            return
        own = (b"https://" if self.is_secure(request) else b"http://") + host
        if (origin or b"").lower() != own:
            raise Forbidden(
                f"This is for the page {own.decode('latin-1'):.200} alone.",
                "Use the dashboard; behind a proxy with TLS, name it in trusted_proxies.",
            )

    def is_ours(self, request: Request) -> bool:
        """Whether `require` would let it pass."""
        try:
            self.require(request)
        except Forbidden:
            return False
        return True

    def is_secure(self, request: Request) -> bool:
        """Whether the browser uses https."""
        return self._clients.is_secure(request)

    def _host(self, request: Request) -> bytes:
        """The Host that was asked for, if that is ours."""
        host = (request.getHeader(b"Host") or b"").lower()
        if name_of(host) not in self._hosts:
            raise Forbidden(
                f"Here nobody may sign in by the name {name_of(host).decode('latin-1'):.80}.",
                "Use a name that is in allowed_hosts, or add this one there.",
            )
        return host


def name_of(host: bytes) -> bytes:
    """A Host without its port: an address of IPv6 keeps its brackets."""
    return host.partition(b"]")[0] + b"]" if host.startswith(b"[") else host.partition(b":")[0]


def port_of(host: bytes) -> bytes:
    """The port of a Host, b"" if it names none."""
    return host[len(name_of(host)) + 1 :]
