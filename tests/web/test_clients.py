"""Tests of `hangerd.web.clients`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers

from hangerd.errors import SettingsError
from hangerd.web.clients import Clients, client_of


class Asked:
    """As much of a request as is read here."""

    def __init__(self, peer: object, *forwarded: str) -> None:
        self.client = peer
        self.channel: Any = None
        self.requestHeaders = Headers({"X-Forwarded-For": forwarded} if forwarded else {})

    def isSecure(self) -> bool:
        return False


def v4(host: str) -> IAddress:
    return IPv4Address("TCP", host, 1)


def v6(host: str) -> IAddress:
    return IPv6Address("TCP", host, 1)


class ClientOfTests(SynchronousTestCase):
    def test_ipv4(self) -> None:
        self.assertEqual(client_of("192.0.2.7"), "192.0.2.7")

    def test_ipv6_by_its_network(self) -> None:
        for host in ("2001:db8::1", "2001:db8::ffff:1", "2001:0db8:0:0:1:2:3:4%eth0"):
            self.assertEqual(client_of(host), "2001:db8::/64")
        self.assertNotEqual(client_of("2001:db8:0:1::1"), client_of("2001:db8::1"))

    def test_ipv4_in_ipv6(self) -> None:
        self.assertEqual(client_of("::ffff:192.0.2.7"), "192.0.2.7")

    def test_anything_else_as_it_is(self) -> None:
        for host in ("unix", "::nonsense", "a:b"):
            self.assertEqual(client_of(host), host)


class AddressTests(SynchronousTestCase):
    def address(self, trusted: list[str], peer: object, *forwarded: str) -> str:
        asked: Any = Asked(peer, *forwarded)
        return Clients(trusted).address(asked)

    def test_a_script_is_told_the_whole_address(self) -> None:
        asked: Any = Asked(v4("192.0.2.1"), "2001:db8::5, 192.0.2.1")
        self.assertEqual(Clients(["192.0.2.1"]).host(asked), "2001:db8::5")
        self.assertEqual(Clients([]).host(asked), "192.0.2.1")

    def test_all_at_one_look(self) -> None:
        asked: Any = Asked(v4("192.0.2.1"), "2001:db8::5")
        asked.requestHeaders.setRawHeaders("X-Forwarded-Proto", ["https"])
        trusting = Clients(["192.0.2.1"]).origin(asked)
        self.assertEqual(trusting, ("2001:db8::5", "2001:db8::/64", True))
        self.assertEqual(Clients([]).origin(asked), ("192.0.2.1", "192.0.2.1", False))

    def test_what_the_connection_knows_is_the_same(self) -> None:
        """Of a connection whose client is known, no request is asked again."""
        for trusted in ([], ["10.0.0.0/8"], ["unix"]):
            clients = Clients(trusted)
            for peer in (v4("192.0.2.7"), v4("10.0.0.1"), v6("2001:db8::1"), UNIXAddress(b"/x")):
                asked: Any = Asked(peer, "198.51.100.1")
                told = clients.origin(asked), clients.address(asked)
                asked.channel = SimpleNamespace(client=clients.of_connection(peer))
                self.assertEqual((clients.origin(asked), clients.address(asked)), told)

    def test_the_peer(self) -> None:
        self.assertEqual(self.address([], v4("192.0.2.7")), "192.0.2.7")
        self.assertEqual(self.address([], v6("2001:db8::1")), "2001:db8::/64")
        self.assertEqual(self.address([], UNIXAddress(b"/x")), "unix")

    def test_strangers_say_nothing(self) -> None:
        self.assertEqual(self.address([], v4("192.0.2.7"), "198.51.100.1"), "192.0.2.7")
        self.assertEqual(self.address(["10.0.0.1"], v4("192.0.2.7"), "198.51.100.1"), "192.0.2.7")
        self.assertEqual(self.address(["10.0.0.1"], UNIXAddress(b""), "198.51.100.1"), "unix")

    def test_a_trusted_proxy(self) -> None:
        for trusted, peer in (
            ("10.0.0.1", v4("10.0.0.1")),
            ("10.0.0.0/8", v4("10.9.9.9")),
            ("10.0.0.0/8", v6("::ffff:10.9.9.9")),
            ("::1", v6("::1")),
            ("fe80::/10", v6("fe80::1%eth0")),
            ("unix", UNIXAddress(b"")),
        ):
            self.assertEqual(self.address([trusted], peer, "198.51.100.1"), "198.51.100.1")

    def test_the_last_that_no_proxy_of_ours_has(self) -> None:
        trusted, peer = ["10.0.0.0/8"], v4("10.0.0.1")
        for forwarded, client in (
            (["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            (["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            (["1.1.1.1", "198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (["1.1.1.1, garbage, 10.0.0.2"], "10.0.0.2"),
            (["garbage"], "10.0.0.1"),
            ([""], "10.0.0.1"),
            ([], "10.0.0.1"),
            (["2001:db8::1"], "2001:db8::/64"),
        ):
            self.assertEqual(self.address(trusted, peer, *forwarded), client, forwarded)

    def test_ports_behind_addresses(self) -> None:
        for forwarded, client in (
            ("192.0.2.1:5678", "192.0.2.1"),
            ("[2001:db8::1]:80", "2001:db8::/64"),
            ("[2001:db8::1]", "2001:db8::/64"),
            ("198.51.100.1:1, 10.0.0.2:2", "198.51.100.1"),
            ("192.0.2.1:", "10.0.0.1"),
            ("192.0.2.1:123456", "10.0.0.1"),
            ("192.0.2.1:5:6", "10.0.0.1"),
            ("[192.0.2.1:5", "10.0.0.1"),
            ("[]:80", "10.0.0.1"),
        ):
            found = self.address(["10.0.0.0/8"], v4("10.0.0.1"), forwarded)
            self.assertEqual(found, client, forwarded)

    def test_peers_of_an_unknown_kind_are_not_trusted(self) -> None:
        for peer in (None, object(), HostnameAddress(b"10.0.0.1", 1)):
            for trusted in ([], ["unix"], ["10.0.0.0/8", "unix"]):
                self.assertEqual(self.address(trusted, peer, "198.51.100.1"), "unknown")

    def test_whose_connection_it_is(self) -> None:
        clients = Clients(["10.0.0.0/8"])
        for peer, client in (
            (v4("192.0.2.7"), "192.0.2.7"),
            (v6("2001:db8::1"), "2001:db8::/64"),
            (v4("10.0.0.1"), None),
            (UNIXAddress(b""), None),
            (None, "unknown"),
        ):
            self.assertEqual(clients.of_connection(peer), client)

    def test_a_proxy_without_a_word(self) -> None:
        self.assertEqual(self.address(["unix"], UNIXAddress(b"")), "unix")

    @given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60))
    def test_whatever_is_said(self, said: str) -> None:
        self.assertTrue(self.address(["10.0.0.0/8", "unix"], v4("10.0.0.1"), said))

    def test_what_is_said_may_be_no_text(self) -> None:
        asked: Any = Asked(v4("10.0.0.1"))
        asked.requestHeaders.addRawHeader(b"X-Forwarded-For", b"\xd4")
        asked.requestHeaders.addRawHeader(b"X-Forwarded-For", b"198.51.100.1")
        self.assertEqual(Clients(["10.0.0.0/8"]).address(asked), "198.51.100.1")

    def test_a_bad_proxy_is_named(self) -> None:
        for bad in ("proxy.example", "10.0.0.0/33", ""):
            error = self.assertRaises(SettingsError, Clients, [bad])
            self.assertIn(f'"{bad}"', error.message)
