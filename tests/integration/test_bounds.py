"""What strangers may hold before they are answered: bodies that come in, and connections."""

from __future__ import annotations

import contextlib

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.http import Connection
from tests.integration.watching import counts, wait_for_counts

PIECE = 60_000


def begin(daemon: Daemon, route: str, told: int = PIECE + 1) -> Connection:
    """Send a body, all of it or all but its last byte."""
    connection = Connection(daemon.port)
    connection.send("POST", route, b"x" * PIECE, Content_Length=str(told))
    return connection


def test_bodies_that_come_in(start_daemon: StartDaemon) -> None:
    """One too many is refused with a reason, and every way to end gives its bytes back."""
    daemon = start_daemon(settings="[http]\nmax_receiving_per_client = 100_000\n")
    with Connection(daemon.port) as plain:
        token = plain.ask("POST", "/hanger/open/").text
        for _ in range(3):
            # A read that waits with a body holds that too; the state tells when it has begun.
            first = begin(daemon, f"/hanger/{token}/read/", PIECE)
            wait_for_counts(daemon, waiting=1)
            second = begin(daemon, "/hanger/open/?value")
            refused = second.receive()
            assert (refused.status, refused.json["error"]) == (429, "http_429")
            assert refused.headers["retry-after"] == "10"
            assert refused.headers["access-control-allow-origin"] == "*"
            second.close()
            assert plain.ask("POST", "/hanger/open/").status == 200
            first.close()
            wait_for_counts(daemon, waiting=0)
        with begin(daemon, "/hanger/open/?value", PIECE) as third:
            assert third.receive().status == 200


def test_connections_of_one_client(start_daemon: StartDaemon) -> None:
    daemon = start_daemon(settings="[http]\nmax_connections_per_client = 2\n")
    held = [Connection(daemon.port) for _ in range(2)]
    for connection in held:
        assert connection.ask("GET", "/-/health").status == 200
    with Connection(daemon.port) as third, pytest.raises(ConnectionError):
        third.ask("GET", "/-/health")
    # Those of the public, and the operator's who asks.
    assert counts(daemon)["connections"] == 3
    held.pop().close()
    wait_for_counts(daemon, connections=2)
    with contextlib.closing(Connection(daemon.port)) as fourth:
        assert fourth.ask("GET", "/-/health").status == 200


def test_targets_that_name_a_host(daemon: Daemon) -> None:
    with Connection(daemon.port) as connection:
        token = connection.ask("POST", "http://any.example/hanger/open/?value", b"x").text
        assert connection.ask("POST", f"http://any.example:1/hanger/{token}/read/").text == "x"


@pytest.mark.parametrize("shared", [True, False])
def test_refusals_are_shared_only_at_the_door_of_the_slots(daemon: Daemon, shared: bool) -> None:
    port = daemon.port if shared else int(daemon.admin_url.rsplit(":", 1)[1])
    with Connection(port) as connection:
        refused = connection.ask("POST", "/hanger/open/", Content_Length="x")
        assert refused.status == 400
        assert ("hanger-protocol" in refused.headers) is shared
        assert ("access-control-allow-origin" in refused.headers) is shared
