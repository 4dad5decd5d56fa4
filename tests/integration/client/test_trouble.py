"""kill -9 of whoever takes part in a call: a clear error or the right answer, and never a hang."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hangerd.client import CallError, Client, HangerdError, Host, HostGone, Unreachable, connect
from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.parts import scale
from tests.integration.watching import wait_until

CALLER = """
import sys
from hangerd.client import connect
where, name, way, url, token = sys.argv[1:]
client = connect(url, token) if way == "http" else connect(state_dir=where)
host = client.host(name, direct=way == "direct")
with host:
    print("calling", flush=True)
    host.call("forever", timeout=0)
"""


class Calling(threading.Thread):
    """Calls again and again, each time with another value, and notes what came."""

    def __init__(self, host: Host) -> None:
        super().__init__(daemon=True)
        self._host = host
        self.right = 0
        self.wrong: list[Any] = []
        self.failed: list[Exception] = []
        self.enough = threading.Event()

    def stop(self) -> None:
        """See that it ends, and that no answer was wrong."""
        self.enough.set()
        self.join(30)
        assert not self.is_alive()
        assert self.wrong == []

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            number += 1
            try:
                found = self._host.echo([number, "x" * (number % 5000)])
            except (CallError, Unreachable) as error:
                self.failed.append(error)
                self.enough.wait(0.01)
            else:
                self.right += 1
                if found != [number, "x" * (number % 5000)]:
                    self.wrong.append(found)


class Waiting(threading.Thread):
    """Waits for something that will not come, and notes how that ended."""

    def __init__(self, what: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._what = what
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self._what()
        except Exception as error:
            self.error = error


@pytest.fixture
def calling(any_work: Host) -> Iterator[Calling]:
    thread = Calling(any_work)
    thread.start()
    yield thread
    thread.stop()


def go_on(calling: Calling) -> None:
    """Wait for right answers after what has happened."""
    before = calling.right
    wait_until(lambda: calling.right > before + 20, 60)


def test_kill_9_of_the_host_in_the_middle_of_calls(calling: Calling, work: Host) -> None:
    go_on(calling)
    for _ in range(scale(20)):
        os.kill(work.pid(), signal.SIGKILL)
        go_on(calling)
    assert all(isinstance(error, CallError) for error in calling.failed)


def test_kill_9_of_the_daemon_in_the_middle_of_calls(
    start_daemon: StartDaemon, work_file: Path
) -> None:
    daemon = start_daemon()
    client = connect(state_dir=daemon.state_dir)
    work = client.python(work_file, threads=8)
    direct = client.host(work.name, direct=True)
    remote = connect(daemon.told["local"][0], daemon.token)
    far = remote.host(work.name)
    far.lease().hold()
    work.lease().hold()
    slot = client.open()
    waiting = [
        Waiting(lambda: work.call("forever", timeout=0)),
        Waiting(lambda: direct.call("forever", timeout=0)),
        Waiting(slot.read),
        Waiting(lambda: list(work.log(follow=True))),
    ]
    callers = [Calling(host) for host in (work, direct, far)]
    for caller in callers:
        caller.start()
        go_on(caller)
    wait_until(lambda: slot.state()["readers"] == 1)
    daemon.kill()
    for one in waiting:
        one.join(30)
        assert isinstance(one.error, HangerdError), one.error
    for caller in callers:
        wait_until(lambda caller=caller: len(caller.failed) > 2)  # type: ignore[misc]
    (daemon.folder / "ready.json").unlink()
    daemon.start()
    for caller in callers:
        go_on(caller)
        caller.stop()
        assert all(isinstance(error, HostGone | Unreachable) for error in caller.failed)
    assert work.state()["leases"] == 2  # calls have taken them again


def calls_of(work: Host) -> int:
    """How many calls are under way, by the door or directly."""
    instances = work.state()["instances"]
    return sum(one["in_flight"] + one["direct_connections"] for one in instances)


@pytest.mark.parametrize("way", ["door", "direct", "http"])
def test_kill_9_of_the_client_frees_what_it_held(daemon: Daemon, work: Host, way: str) -> None:
    pid = work.pid()
    place = [str(daemon.state_dir), work.name, way, daemon.url, daemon.token]
    command = [sys.executable, "-c", CALLER, *place]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "calling\n"
        wait_until(lambda: calls_of(work) == 1 and work.state()["leases"] == 1)
        caller.kill()
    wait_until(lambda: calls_of(work) == 0 and work.state()["leases"] == 0)
    assert work.pid() == pid


FORKING = """
import os, sys
from hangerd.client import connect
host = connect(state_dir=sys.argv[1]).host(sys.argv[2], direct=sys.argv[3] == "direct")
values = host.count(500)
assert next(values) == 0
child = os.fork()
for number in range(100):
    assert host.echo([os.getpid(), number]) == [os.getpid(), number]
if not child:
    try:
        list(values)
    except RuntimeError:
        os._exit(7)
    os._exit(8)
assert list(values) == list(range(1, 500))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("way", ["door", "direct"])
def test_a_forked_child_has_connections_of_its_own(daemon: Daemon, work: Host, way: str) -> None:
    command = [sys.executable, "-c", FORKING, str(daemon.state_dir), work.name, way]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (said.stdout, said.stderr) == ("7\n", "")


@pytest.mark.parametrize("direct", [False, True])
def test_kill_9_of_an_idle_host_costs_no_call(
    work_file: Path, client: Client, direct: bool
) -> None:
    host = client.python(work_file, name=f"idle-{direct}", direct=direct, stop_grace=60.0)
    for _ in range(scale(50)):
        first = host.pid()
        os.kill(first, signal.SIGKILL)
        assert host.pid() != first  # sent while it dies: it has surely not read this
        host.start()  # another that ends so soon would be started later and later
    began = time.monotonic()
    host.stop()  # the direct connection is kept, and holds up nothing
    assert time.monotonic() - began < 25
    host.remove()
