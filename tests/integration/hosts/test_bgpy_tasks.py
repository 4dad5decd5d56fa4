"""bgpy's example tasks, unmodified, from where bgpy 0.3.1 is installed."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.hosts.asking import ask
from tests.integration.hosts.peers import peers_python


@pytest.fixture(params=["module", "path"])
def daemon(start_daemon: StartDaemon, request: pytest.FixtureRequest) -> Daemon:
    python = peers_python()
    told = "import bgpy.example.tasks as tasks; print(tasks.__file__)"
    file = subprocess.check_output([python, "-c", told], text=True, timeout=60).strip()
    where = {"module": "bgpy.example.tasks", "path": file}[request.param]
    return start_daemon(
        settings=f"""
        [hosts.tasks]
        kind = "python"
        {request.param} = "{where}"
        interpreter = "{python}"
    """
    )


def call(daemon: Daemon, task: str, given: object) -> tuple[int, object]:
    status, text = ask(daemon, "POST", f"/hosts/tasks/function/{task}", given)
    return status, json.loads(text) if status == 200 else text.decode()


def test_the_state_is_kept_and_told_at_the_end(daemon: Daemon) -> None:
    up = {"command": "increase", "value_change": 10}
    down = {"command": "decrease", "value_change": 3}
    for given in (up, down, up):
        assert call(daemon, "exec_task", given) == (200, None)
    status, text = call(daemon, "exec_task", {"command": "increase"})
    assert (status, "KeyError: 'value_change'" in str(text)) == (500, True)
    ended = {"request_count": 4, "value": 1017, "status": "Exited."}
    assert call(daemon, "exit_task", {}) == (200, ended)
    assert call(daemon, "exit_task", {})[1] == {
        "request_count": 1,
        "value": 1000,
        "status": "Exited.",
    }
