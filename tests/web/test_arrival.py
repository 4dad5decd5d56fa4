"""Tests of `hangerd.web.arrival`; `test_http1` has what follows from it."""

from __future__ import annotations

import socket

from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.arrival import unacknowledged


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
