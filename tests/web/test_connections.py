"""Tests of `hangerd.web.connections`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import HttpSettings
from hangerd.web.connections import Connections
from tests.web.harness import PEER, Daemon


class Open:
    """A connection that remembers whether it was asked to end."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self.closed = 0
        connections.add(self)

    def close(self) -> None:
        self.closed += 1


class Quick(Open):
    """One that ends while it is asked to."""

    def close(self) -> None:
        self.connections.remove(self)


class ConnectionsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.connections = Connections(2)

    def test_counted(self) -> None:
        first, _ = Open(self.connections), Open(self.connections)
        self.assertEqual((len(self.connections), self.connections.full), (2, True))
        self.connections.remove(first)
        self.connections.remove(first)
        self.assertEqual((len(self.connections), self.connections.full), (1, False))

    def test_closing_waits_for_all(self) -> None:
        first, second = Open(self.connections), Open(self.connections)
        gone = self.connections.close()
        self.assertEqual((first.closed, second.closed), (1, 1))
        self.connections.remove(first)
        self.assertNoResult(gone)
        self.connections.remove(second)
        self.successResultOf(gone)

    def test_closing_none(self) -> None:
        self.successResultOf(self.connections.close())

    def test_closing_those_that_go_at_once(self) -> None:
        Quick(self.connections)
        Quick(self.connections)
        self.successResultOf(self.connections.close())

    def test_more_come_and_go_afterwards(self) -> None:
        Quick(self.connections)
        self.connections.close()
        self.connections.remove(Open(self.connections))


class SiteTests(SynchronousTestCase):
    def test_no_more_than_may(self) -> None:
        daemon = Daemon(self, http=HttpSettings(max_connections=2))
        first, _ = daemon.connect(), daemon.connect()
        factory = daemon.clock.tcpServers[0][1]
        self.assertIsNone(factory.buildProtocol(PEER))
        first.leave()
        self.assertEqual(daemon.ask("GET", "/-/health").status, 200)

    def test_stopping_ends_them(self) -> None:
        daemon = Daemon(self)
        clients = [daemon.connect(), daemon.start("POST", f"/hanger/{daemon.open()}/read/")]
        stopped = daemon.service.stopService()
        self.assertTrue(all(client.wire.disconnecting for client in clients))
        self.assertNoResult(stopped)
        daemon.clock.advance(daemon.settings.shutdown_timeout)
        self.successResultOf(stopped)
