"""Tests of `hangerd.listen`."""

from __future__ import annotations

import errno
import socket
from typing import Any, cast

from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IStreamServerEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.errors import SettingsError
from hangerd.listen import Door, ListenersService, describe, parse_endpoint
from tests.web.harness import Daemon

LOCAL = IPv4Address("TCP", "127.0.0.1", 9095)


class DescribeTests(SynchronousTestCase):
    def test_as_endpoints_name_them(self) -> None:
        for address, text in (
            (LOCAL, "tcp:127.0.0.1:9095"),
            (IPv6Address("TCP", "::1", 80), "tcp:[::1]:80"),
            (UNIXAddress(b"/run/x"), "unix:/run/x"),
            (UNIXAddress(None), "unix:"),
        ):
            self.assertEqual(describe(address), text)
        other = HostnameAddress(b"x", 1)
        self.assertEqual(describe(other), str(other))


class ParseTests(SynchronousTestCase):
    def test_endpoints(self) -> None:
        for text in ("tcp:0", "tcp:0:interface=127.0.0.1", "unix:/run/x"):
            endpoint = parse_endpoint(MemoryReactorClock(), "--port", text)
            self.assertTrue(IStreamServerEndpoint.providedBy(endpoint))

    def backlog(self, description: str) -> int:
        reactor = MemoryReactorClock()
        self.successResultOf(parse_endpoint(reactor, "--port", description).listen(Factory()))
        [(_, _, backlog, *_)] = reactor.tcpServers or reactor.unixServers
        return int(backlog)

    def test_room_for_a_class_that_begins(self) -> None:
        for text in ("tcp:0", "tcp:0:interface=127.0.0.1", r"tcp6:0:interface=\:\:1", "unix:/x"):
            self.assertEqual(self.backlog(text), 1024, text)

    def test_a_backlog_that_was_chosen(self) -> None:
        for text in ("tcp:0:backlog=7", "tcp:0:127.0.0.1:7", "tcp6:0:7", "unix:/x:backlog=7"):
            self.assertEqual(self.backlog(text), 7, text)

    def test_none(self) -> None:
        for text in ("", "tcp", "tcp:x", "nonsense:1", "unix", "ssl:0:privateKey=/none"):
            error = self.assertRaises(
                SettingsError, parse_endpoint, MemoryReactorClock(), "--admin", text
            )
            self.assertTrue(error.message.startswith(f"--admin {text}: "), error.message)
            self.assertIn("TLS" if text.startswith("ssl:") else "tcp:9095", error.remedy)


class FakeSocket:
    """A listening socket that remembers its options."""

    def __init__(self, family: int) -> None:
        self.family = family
        self.options: dict[tuple[int, int], int] = {}

    def setsockopt(self, level: int, option: int, value: int) -> None:
        self.options[level, option] = value


class Port:
    """An open port."""

    def __init__(self, address: IAddress, family: int = socket.AF_INET) -> None:
        self.address = address
        self.socket = FakeSocket(family)
        self.stopped: Deferred[None] | None = None

    def getHost(self) -> IAddress:
        return self.address

    def stopListening(self) -> Deferred[None]:
        self.stopped = Deferred()
        return self.stopped


class Endpoint:
    """Listens as it is told to."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def listen(self, _: Any) -> Any:
        return self.result


class ListenersTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.refused: list[SettingsError] = []
        self.closed: list[Deferred[None]] = []

    def service(self, **results: Any) -> ListenersService:
        doors = [
            Door(name, f"tcp:{name}", cast(IStreamServerEndpoint, Endpoint(result)), Factory())
            for name, result in results.items()
        ]
        service = ListenersService(doors, self.close, self.refused.append)
        service.privilegedStartService()
        service.startService()
        return service

    def close(self) -> Deferred[None]:
        self.closed.append(Deferred())
        return self.closed[-1]

    def test_addresses_by_door(self) -> None:
        service = self.service(public=succeed(Port(LOCAL)), admin=succeed(Port(UNIXAddress(b"/x"))))
        self.assertEqual(
            service.addresses(), {"public": ["tcp:127.0.0.1:9095"], "admin": ["unix:/x"]}
        )
        self.assertEqual(self.refused, [])

    def test_vanished_peers_are_noticed(self) -> None:
        """Within a minute, by keepalive; Unix sockets need none."""
        ports = [Port(LOCAL), Port(IPv6Address("TCP", "::1", 1), socket.AF_INET6)]
        unix = Port(UNIXAddress(b"/x"), socket.AF_UNIX)
        self.service(a=succeed(ports[0]), b=succeed(ports[1]), c=succeed(unix))
        for port in ports:
            options = port.socket.options
            self.assertEqual(options[socket.SOL_SOCKET, socket.SO_KEEPALIVE], 1)
            tcp = socket.IPPROTO_TCP
            probes = options[tcp, socket.TCP_KEEPCNT] * options[tcp, socket.TCP_KEEPINTVL]
            self.assertLess(options[tcp, socket.TCP_KEEPIDLE] + probes, 60)
        self.assertEqual(unix.socket.options, {})

    def test_a_port_that_cannot_be_had(self) -> None:
        taken = CannotListenError("", 1, OSError(errno.EADDRINUSE, "Address already in use"))
        for name, error, reason, flag in (
            ("public", taken, "Address already in use", "--port"),
            ("admin", PermissionError(13, "Permission denied"), "Permission denied", "--admin"),
            ("public", ValueError("odd"), "odd", "--port"),
        ):
            service = self.service(**{name: fail(error)})
            refused = self.refused.pop()
            self.assertEqual(refused.message, f"cannot listen on tcp:{name}: {reason}")
            self.assertTrue(refused.remedy.endswith(flag), refused.remedy)
            self.assertEqual(service.addresses(), {name: []})

    def test_stopping_closes_ports_and_then_connections(self) -> None:
        ports = [Port(LOCAL), Port(LOCAL)]
        service = self.service(a=succeed(ports[0]), b=succeed(ports[1]))
        stopped = service.stopService()
        for port in ports:
            self.assertEqual(self.closed, [])
            assert port.stopped is not None
            port.stopped.callback(None)
        self.assertNoResult(stopped)
        self.closed[0].callback(None)
        self.successResultOf(stopped)
        self.assertEqual(service.addresses(), {"a": [], "b": []})

    def test_where_to_look_is_said(self) -> None:
        """For a door with pages, at an address that a browser can open."""
        daemon = Daemon(self)
        for description, address, has_pages, url in (
            ("tcp:1", LOCAL, True, "http://127.0.0.1:9095/"),
            ("ssl:1", IPv6Address("TCP", "::1", 80), True, "https://[::1]:80/"),
            ("tcp:1", LOCAL, False, None),
            ("unix:/x", UNIXAddress(b"/x"), True, None),
            ("tcp:1", IPv4Address("TCP", "0.0.0.0", 1), True, None),
        ):
            before = len(daemon.events)
            endpoint = cast(IStreamServerEndpoint, Endpoint(succeed(Port(address))))
            door = Door("public", description, endpoint, Factory(), has_pages)
            service = ListenersService([door], self.close, self.refused.append)
            service.privilegedStartService()
            said = [event["url"] for event in daemon.events[before:] if "url" in event]
            self.assertEqual(said, [url] if url else [])

    def test_a_door_to_the_network_is_warned_about(self) -> None:
        """In one line, and only such a door."""
        daemon = Daemon(self)
        for address, warned in (
            (LOCAL, 0),
            (IPv6Address("TCP", "::1", 1), 0),
            (UNIXAddress(b"/x"), 0),
            (IPv4Address("TCP", "0.0.0.0", 1), 1),
            (IPv6Address("TCP", "::", 1), 1),
            (IPv4Address("TCP", "192.0.2.7", 1), 1),
        ):
            before = len(daemon.events)
            self.service(public=succeed(Port(address)))
            levels = [event["log_level"].name for event in daemon.events[before:]]
            self.assertEqual(levels.count("warn"), warned, address)

    def test_who_has_tls_is_not_told_to_have_it(self) -> None:
        daemon = Daemon(self)
        for description, told in (("tcp:1", True), ("ssl:1", False)):
            port = Port(IPv4Address("TCP", "0.0.0.0", 1))
            endpoint = cast(IStreamServerEndpoint, Endpoint(succeed(port)))
            door = Door("public", description, endpoint, Factory())
            ListenersService([door], self.close, self.refused.append).privilegedStartService()
            [remedy] = [event["remedy"] for event in daemon.events if "remedy" in event]
            self.assertEqual("TLS" in remedy, told, remedy)
            daemon.events.clear()
