"""Tests of `hangerd.web.arrival`; `test_http1` has what follows from it."""

from __future__ import annotations

import socket
import struct
from typing import Any

from twisted.internet.tcp import Connection
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web import arrival
from hangerd.web.arrival import VANISHED, has_left, has_vanished, unacknowledged, untaken


class Transport:
    """A transport's buffers, and perhaps a socket; a pair of those needs no network."""

    def __init__(self, handle: socket.socket | None = None) -> None:
        self.dataBuffer = b""
        self._tempDataBuffer: list[bytes] = []
        self.handle = handle

    def getHandle(self) -> socket.socket | None:
        return self.handle


class UnacknowledgedTests(SynchronousTestCase):
    def test_in_our_buffers(self) -> None:
        transport = Transport()
        self.assertFalse(unacknowledged(transport))
        transport.dataBuffer = b"x"
        self.assertTrue(unacknowledged(transport))
        transport.dataBuffer, transport._tempDataBuffer = b"", [b"x"]
        self.assertTrue(unacknowledged(transport))

    def test_in_the_kernels(self) -> None:
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        transport = Transport(ours)
        self.assertFalse(unacknowledged(transport))
        ours.send(b"x")
        self.assertTrue(unacknowledged(transport))
        theirs.recv(10)
        self.assertFalse(unacknowledged(transport))
        ours.close()
        self.assertFalse(unacknowledged(transport))


class Plain(Connection):
    """Twisted's, with a socket and no reactor."""

    def __init__(self, handle: Any) -> None:
        self.socket = handle
        self._tempDataLen = 0


class Encrypted:
    """What is above it under TLS."""

    def __init__(self, transport: object) -> None:
        self.transport = transport


class LeftTests(SynchronousTestCase):
    def test_also_below_tls(self) -> None:
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        transports: list[Any] = [Transport(ours), Encrypted(Plain(ours))]
        for transport in transports:
            self.assertFalse(has_left(transport))
        theirs.close()
        for transport in transports:
            self.assertTrue(has_left(transport))


class UntakenTests(SynchronousTestCase):
    def test_what_waits_anywhere(self) -> None:
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        plain = Plain(ours)
        for transport in (plain, Encrypted(plain)):
            self.assertEqual(untaken(transport), 0)
        plain.dataBuffer, plain.offset, plain._tempDataLen = b"xxx", 1, 5
        self.assertEqual(untaken(plain), 7)
        ours.send(b"x")
        self.assertGreater(untaken(Encrypted(plain)) or 0, 7)

    def test_where_there_is_no_socket(self) -> None:
        self.assertIsNone(untaken(Transport()))


class Handle:
    """A socket of which the kernel knows some things."""

    def __init__(self, family: socket.AddressFamily, silent: float) -> None:
        self.family = family
        self.silent = silent

    def getsockopt(self, level: int, name: int, size: int) -> bytes:
        """Give the first bytes of TCP_INFO."""
        assert (level, name, size) == (socket.IPPROTO_TCP, socket.TCP_INFO, 60)
        return bytes(56) + struct.pack("I", int(self.silent * 1000))


class VanishedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.held = 1
        self.patch(arrival, "_held_by_kernel", lambda transport: self.held)

    def vanished(self, family: socket.AddressFamily, silent: float) -> bool:
        return has_vanished(Encrypted(Plain(Handle(family, silent))))

    def test_who_acknowledges_nothing_for_long(self) -> None:
        for family in (socket.AF_INET, socket.AF_INET6):
            self.assertFalse(self.vanished(family, VANISHED - 1))
            self.assertTrue(self.vanished(family, VANISHED))

    def test_there_must_be_something_to_acknowledge(self) -> None:
        self.held = 0
        self.assertFalse(self.vanished(socket.AF_INET, VANISHED))

    def test_only_tcp_tells(self) -> None:
        self.assertFalse(self.vanished(socket.AF_UNIX, VANISHED))
        self.assertFalse(has_vanished(Transport()))

    def test_where_the_kernel_tells_it(self) -> None:
        with socket.socket() as fresh:
            told = fresh.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 60)
        self.assertEqual(len(told), 60)
