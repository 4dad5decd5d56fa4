"""Calls of hosts by a real client: one semantics over the door, a direct socket, and HTTP."""

from __future__ import annotations

import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hangerd.client import (
    CallTimeout,
    Client,
    Host,
    HostGone,
    NotAllowed,
    RemoteError,
    UnknownFunction,
    UnknownHost,
    Unreachable,
    connect,
)
from tests.integration.daemon import Daemon
from tests.integration.watching import wait_until


def test_values_come_back_as_they_went(any_work: Host) -> None:
    for value in (None, False, 0, "", "ä\n", [1, {"a": [None]}], 1.5, b"", b"\0\xff"):
        assert any_work.echo(value) == value
    assert any_work.call("keywords", name="x", function="y") == {"name": "x", "function": "y"}
    assert any_work.keywords(timeout=3) == {"timeout": 3}


def test_large_values(any_work: Host) -> None:
    for value in ("x" * 3_000_000, bytes(3_000_000)):
        assert any_work.echo(value) == value


def test_a_stream_comes_whole_and_can_be_left(any_work: Host) -> None:
    assert list(any_work.stream("count", 300)) == list(range(300))
    values = any_work.count(10**9)
    assert [next(values) for _ in range(100)] == list(range(100))
    values.close()
    assert list(any_work.stream("echo", 3)) == [3]


def test_a_remote_error_shows_its_stack(any_work: Host) -> None:
    with pytest.raises(RemoteError) as caught:
        any_work.boom()
    assert (caught.value.fault.type, caught.value.fault.host) == ("LookupError", any_work.name)
    assert "def boom" in "".join(traceback.format_exception(caught.value))
    with pytest.raises(UnknownFunction):
        any_work.nothing()


def test_a_deadline_cancels_the_remote_work(any_work: Host) -> None:
    pid = any_work.pid()
    with pytest.raises(CallTimeout):
        any_work.call("forever", timeout=0.2)
    assert any_work.pid() == pid  # it let go: nothing had to be ended


def test_a_host_that_dies_in_a_call(any_work: Host) -> None:
    with pytest.raises(HostGone):
        any_work.die()
    assert any_work.echo(1) == 1


def test_many_threads_each_get_their_own_answers(any_work: Host) -> None:
    def ask(number: int) -> bool:
        return all(any_work.echo([number, at]) == [number, at] for at in range(20))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(16)))


def test_unknown_hosts_and_wrong_tokens(client: Client, daemon: Daemon) -> None:
    with pytest.raises(UnknownHost):
        client.host("nobody").echo()
    with pytest.raises(NotAllowed):
        connect(daemon.url, "a wrong token, of course").hosts()
    with pytest.raises(NotAllowed):
        connect(state_dir=daemon.state_dir, token="a wrong token, of course")


def test_no_daemon(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=str(tmp_path)):
        connect(state_dir=tmp_path)
    with pytest.raises(Unreachable, match="unix:"):
        connect(f"unix:{tmp_path}/http")


def test_an_operators_view(client: Client, work: Host) -> None:
    assert work.state()["state"] == "stopped"
    assert work.start()["state"] == "ready"
    pid = work.pid()
    assert work.restart()["state"] == "ready"
    assert work.pid() != pid
    assert client.hosts()[work.name]["state"] == "ready"
    work.say("hello")
    wait_until(lambda: any("hello" in line for line in work.log(20)))
    followed = work.log(follow=True)
    assert any("hello" in line for line in followed)
    work.say("again")
    assert any("again" in line for line in followed)
    assert work.stop()["state"] == "stopped"
    work.remove()
    assert work.name not in client.hosts()


def test_a_lease_holds_the_host(any_work: Host, work: Host) -> None:
    with any_work:
        assert work.state()["leases"] == 1
        with any_work.lease():
            assert work.state()["leases"] == 2
        assert any_work.echo(1) == 1
    wait_until(lambda: work.state()["leases"] == 0)
