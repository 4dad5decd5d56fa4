"""Tests of `hangerd.web.connections`."""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionAborted
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import HttpSettings
from hangerd.web.connections import Connections, close_all
from tests.web.harness import UNIX_PEER, Daemon


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


class ShareTests(SynchronousTestCase):
    def test_no_client_has_all(self) -> None:
        connections = Connections(5, 2)
        first = Open(connections)
        connections.add(first, "a")
        self.assertTrue(connections.has_room("a"))
        second = Open(connections)
        connections.add(second, "a")
        self.assertEqual([connections.has_room(client) for client in ("a", "b")], [False, True])
        connections.remove(first)
        connections.remove(first)
        self.assertTrue(connections.has_room("a"))

    def test_who_has_no_limit_of_his_own(self) -> None:
        connections = Connections(3, 1)
        for _ in range(3):
            self.assertTrue(connections.has_room(None))
            Open(connections)
        self.assertFalse(connections.has_room(None))

    def test_clients_without_a_connection_are_forgotten(self) -> None:
        connections = Connections(5, 2)
        for number in range(10):
            one = Quick(connections)
            connections.remove(one)
            connections.add(one, str(number))
            one.close()
        self.assertEqual((len(connections), len(connections._by_client)), (0, 0))

    def test_closing_all_pools(self) -> None:
        pools = [Connections(1), Connections(1)]
        ones = [Open(pool) for pool in pools]
        gone = close_all(pools)
        self.assertEqual([one.closed for one in ones], [1, 1])
        for pool, one in zip(pools, ones, strict=True):
            self.assertNoResult(gone)
            pool.remove(one)
        self.successResultOf(gone)


class SiteTests(SynchronousTestCase):
    def test_no_more_than_may(self) -> None:
        daemon = Daemon(self, http=HttpSettings(max_connections=2))
        first, _ = daemon.connect(), daemon.connect()
        third = daemon.connect()
        self.assertTrue(third.wire.aborted)
        third.protocol.connectionLost(Failure(ConnectionAborted()))
        first.leave()
        self.assertEqual(daemon.ask("GET", "/-/health").status, 200)

    def test_no_more_than_may_of_one_client(self) -> None:
        daemon = Daemon(self, http=HttpSettings(max_connections_per_client=2))
        first, second = daemon.connect(), daemon.connect()
        self.assertTrue(daemon.connect().wire.aborted)
        other = IPv4Address("TCP", "192.0.2.8", 1)
        self.assertEqual(daemon.ask("GET", "/-/health", peer=other).status, 200)
        for _ in range(3):
            self.assertFalse(daemon.connect(peer=UNIX_PEER).wire.aborted)
        first.leave()
        self.assertFalse(daemon.connect().wire.aborted)
        self.assertFalse(second.wire.aborted)

    def test_proxies_have_no_limit_of_their_own(self) -> None:
        http = HttpSettings(max_connections_per_client=1, trusted_proxies=("192.0.2.7",))
        daemon = Daemon(self, http=http)
        for _ in range(3):
            self.assertFalse(daemon.connect().wire.aborted)

    def test_the_public_cannot_keep_the_operator_out(self) -> None:
        daemon = Daemon(self, http=HttpSettings(max_connections=1, max_admin_connections=2))
        daemon.connect()
        self.assertTrue(daemon.connect().wire.aborted)
        self.assertEqual(daemon.counts["connections"], 1)
        daemon.connect("admin")
        self.assertEqual(daemon.counts["connections"], 2)
        daemon.connect("admin")
        self.assertTrue(daemon.connect("admin").wire.aborted)

    def test_stopping_ends_them(self) -> None:
        daemon = Daemon(self)
        clients = [
            daemon.connect(),
            daemon.connect("admin"),
            daemon.start("POST", f"/hanger/{daemon.open()}/read/"),
        ]
        stopped = daemon.service.stopService()
        self.assertTrue(all(client.wire.disconnecting for client in clients))
        self.assertNoResult(stopped)
        daemon.clock.advance(daemon.settings.shutdown_timeout)
        self.successResultOf(stopped)
