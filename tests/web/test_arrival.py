"""Tests of `hangerd.web.arrival`; `test_http1` has what follows from it."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.tcp import Connection
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.arrival import be_patient, unacknowledged, untaken


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


class PatienceTests(SynchronousTestCase):
    def test_only_tcp_knows_a_time(self) -> None:
        for family in (socket.AF_INET, socket.AF_INET6):
            tcp = Handle(family)
            be_patient(Encrypted(Plain(tcp)))
            self.assertEqual(tcp.options, [(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 0)])
        unix = Handle(socket.AF_UNIX)
        be_patient(Plain(unix))
        be_patient(Transport())
        self.assertEqual(unix.options, [])


class Handle:
    """A socket that writes its options down."""

    def __init__(self, family: socket.AddressFamily) -> None:
        self.family = family
        self.options: list[tuple[int, int, int]] = []

    def setsockopt(self, *option: int) -> None:
        level, name, value = option
        self.options.append((level, name, value))
