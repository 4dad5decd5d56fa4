"""bgpy's names with real servers: what its own tests ask of them, and what went wrong there."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hangerd.client import RemoteError, StartFailed
from hangerd.client.bgpy import Client, Server
from hangerd.client.bgpy.core.environment import HOST, STARTUP_TIME
from hangerd.client.bgpy.core.token import token_create
from hangerd.client.bgpy.example.tasks import exec_task, exit_task, init_task
from tests.integration.client.spawned import processes_of, state_below
from tests.integration.parts import missing, scale
from tests.integration.watching import wait_until

UP = {"command": "increase", "value_change": 10}
INVALID = {"message": "Invalid client authentication."}
INITIALIZED = {"message": "Initialization successful."}
TASKS = """
from bgpy import respond
def init_task(): return {"seen": []}
def exec_task(client_socket, state, given):
    if "fail" in given:
        raise LookupError(given["fail"])
    state["seen"].append(given["n"])
    respond(client_socket, {"seen": len(state["seen"]), "values": {given["n"], (1, 2)}})
    return state
def exit_task(client_socket, state, given):
    respond(client_socket, {**state, **given})
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder below which servers have their state."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("BGPY_TOKEN", raising=False)
    with state_below(tmp_path / "state") as folder:
        yield folder


@pytest.fixture
def task_file(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.py"
    path.write_text(TASKS)
    return path


def test_a_server_from_its_start_to_its_end(state: Path) -> None:
    assert STARTUP_TIME > 0
    server = Server(HOST, 0)
    server.run_background()
    client = Client(HOST, server.port)
    assert client.execute(UP) == {"message": "Not yet initialized."}
    assert client.execute(UP, await_response=True) == {"message": "Not yet initialized."}
    assert client.initialize(init_task, exec_task, exit_task) == INITIALIZED
    assert client.initialize(init_task, exec_task, exit_task) == {"message": "Already initialized."}
    given = dict(UP)
    assert client.execute(given) == {"message": "Received 'EXEC'"}
    assert given == UP
    Server("127.0.0.1", server.port).run_background()  # leaves the one that runs as it is
    ended = {"request_count": 2, "value": 1010, "status": "Exited."}
    assert client.terminate(await_response=True) == ended
    with pytest.raises(OSError, match="nobody answers"):
        client.execute(UP)
    wait_until(lambda: not processes_of(state))


def test_an_address_that_is_taken(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartFailed, match=f"{port}"):
            Server("127.0.0.1", port).run_background()
    wait_until(lambda: not processes_of(state))


class Evil:
    """Makes a folder where it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.mark),))


def test_only_the_token_lets_in_and_nothing_of_others_is_unpickled(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    token = token_create()
    server = Server("127.0.0.1", 0, token=token)
    server.run_background()
    for wrong in ("wrong", token + "x", None):
        stranger = Client("127.0.0.1", server.port, token=wrong)
        assert stranger.initialize(init_task, exec_task, exit_task) == INVALID
        assert stranger.execute({"evil": Evil(mark)}, await_response=True) == INVALID
        assert stranger.terminate() == INVALID
    client = Client("127.0.0.1", server.port, token=token)
    assert client.initialize(init_task, exec_task, exit_task) == INITIALIZED
    assert not mark.exists()
    client.execute({"command": "nothing", "evil": Evil(mark)}, await_response=True)
    assert mark.exists(), "it would not have been noticed"
    assert client.terminate() == {"message": "Received 'EXIT'"}


def test_tasks_of_a_file_and_many_clients(task_file: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = Server("127.0.0.1", 0, init_file=task_file, log_file=log)
    server.run_background()

    def ask(number: int) -> None:
        reply = Client("127.0.0.1", server.port).execute({"n": number}, await_response=True)
        replies.append((number, reply))

    replies: list[tuple[int, Any]] = []
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(scale(200))]
    idle = socket.create_connection(("127.0.0.1", server.port))  # takes nobody's turn
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    idle.close()
    assert sorted(reply["seen"] for _, reply in replies) == [*range(1, scale(200) + 1)]
    assert all(reply["values"] == {number, (1, 2)} for number, reply in replies)
    client = Client("127.0.0.1", server.port)
    with pytest.raises(RemoteError, match="LookupError: no such thing"):
        client.execute({"fail": "no such thing"}, await_response=True)
    assert client.execute({"fail": "nobody hears"}) == {"message": "Received 'EXEC'"}
    told = client.terminate({"bye": 1}, await_response=True)
    assert (len(told["seen"]), told["bye"]) == (scale(200), 1)
    assert "LookupError: nobody hears" in log.read_text()


def test_a_file_that_does_not_load(tmp_path: Path, state: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("init_task = exec_task = 1 / 0")
    with pytest.raises(Exception, match="ZeroDivisionError"):
        Server("127.0.0.1", 0, init_file=broken).run_background()
    wait_until(lambda: not processes_of(state))


def test_functions_of_the_program_itself(tmp_path: Path) -> None:
    if importlib.util.find_spec("cloudpickle") is None:
        missing("cloudpickle")
    program = tmp_path / "program.py"
    program.write_text(
        "from hangerd.client.bgpy import Client, Server, respond\n"
        "def start(): return []\n"
        "def add(client_socket, state, given):\n"
        "    respond(client_socket, {'sum': sum([*state, given['n']])})\n"
        "    return [*state, given['n']]\n"
        "def end(client_socket, state, given): pass\n"
        "server = Server('127.0.0.1', 0)\n"
        "server.run_background()\n"
        "client = Client('127.0.0.1', server.port)\n"
        "client.initialize(start, add, end)\n"
        "print(client.execute({'n': 1}, True), client.execute({'n': 2}, True), server.port)\n"
    )
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, timeout=60, check=True
    )
    told, _, port = done.stdout.strip().rpartition(" ")
    assert told == "{'sum': 1} {'sum': 3}"  # its output ended with it: a pipe was not kept open
    client = Client("127.0.0.1", int(port))  # the server goes on
    assert client.execute({"n": 3}, await_response=True) == {"sum": 6}


def run(
    command: list[str], environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_line(task_file: Path, state: Path) -> None:
    command = [sys.executable, "-m", "hangerd.client.bgpy"]
    refused = run([*command, "server", "0.0.0.0", "1"])
    assert refused.returncode == 1
    assert refused.stderr.startswith("bgpy: a server at 0.0.0.0 would let in anybody")
    token = token_create()
    environ = {**os.environ, "BGPY_TOKEN": token}
    server = subprocess.Popen(
        [*command, "server", "127.0.0.1", "0", "-i", str(task_file)],
        env=environ,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: any(state.rglob("ready.json")))
        ready = json.loads(next(state.rglob("ready.json")).read_text())
        port = ready["public"][0].rpartition(":")[2]
        client = Client("127.0.0.1", int(port), token)
        assert client.execute({"n": 1}, await_response=True)["seen"] == 1
        stop = [*command, "terminate", "127.0.0.1", port]
        without = run(stop)
        assert (without.returncode, "Invalid" in without.stdout) == (1, True)
        done = run(stop, environ)
        assert (done.returncode, done.stdout) == (0, "Received 'EXIT'\n")
        assert server.wait(20) == 0
        again = run(stop, environ)
        assert (again.returncode, "nobody answers" in again.stderr) == (1, True)
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
