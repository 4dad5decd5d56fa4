"""The state of a bgpy host in a file: what a restart goes on from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.hosts.runners.conftest import Workshop
from tests.integration.hosts.runners.test_python_tasks import increase, show, tasks


@pytest.mark.parametrize("state", ['{"count": 3, "value": 910}', "pickle"])
def test_a_restart_goes_on_from_the_checkpoint(shop: Workshop, tmp_path: Path, state: str) -> None:
    kept = tmp_path / "state"
    text = tasks()
    if state == "pickle":
        text = text.replace('"value": 1000', '"value": 1000, "seen": {1, 2}')
        text = text.replace("respond(client_socket, state)", "respond(client_socket, {"
                            "'count': state['count'], 'value': state['value']})")  # fmt: skip
    host = shop.python(text, checkpoint=str(kept))
    increase(host, 10)
    increase(host, -100)
    host.process.kill()
    host.wait()
    again = shop.python(text, checkpoint=str(kept))
    assert show(again) == {"count": 3, "value": 910}
    assert kept.stat().st_mode & 0o777 == 0o600
    if state != "pickle":
        assert json.loads(kept.read_text()) == json.loads(state)
    assert [path.name for path in tmp_path.glob("state*")] == ["state"]


def test_a_failed_task_writes_no_checkpoint(shop: Workshop, tmp_path: Path) -> None:
    kept = tmp_path / "state"
    host = shop.python(tasks(), checkpoint=str(kept))
    increase(host, 1)
    before = kept.read_bytes()
    host.fault("exec_task", {})
    assert kept.read_bytes() == before


def test_exit_task_forgets_the_checkpoint_and_stop_keeps_it(shop: Workshop, tmp_path: Path) -> None:
    kept = tmp_path / "state"
    host = shop.python(tasks(), checkpoint=str(kept))
    increase(host, 1)
    host.send({"op": "stop", "grace": 10})
    host.wait()
    assert json.loads(kept.read_text()) == {"count": 1, "value": 1001}
    host = shop.python(tasks(), checkpoint=str(kept))
    assert host.call("exit_task")["value"] == 1001
    host.wait()
    assert not kept.exists()


def test_an_unreadable_checkpoint_is_put_aside(shop: Workshop, tmp_path: Path) -> None:
    kept = tmp_path / "state"
    kept.write_text("{")
    host = shop.python(tasks(), checkpoint=str(kept))
    assert show(host) == {"count": 1, "value": 1000}
    assert (tmp_path / "state.unreadable").read_text() == "{"
    assert "checkpoint is unreadable" in host.log("stderr")


def test_a_response_is_what_the_state_was_then(shop: Workshop, tmp_path: Path) -> None:
    host = shop.python(
        "from bgpy import respond\n"
        "def init_task(): return {'n': 0}\n"
        "def exec_task(c, s, a): respond(c, s); s['n'] += 1; return s\n",
        checkpoint=str(tmp_path / "state"),
    )
    assert [host.call("exec_task")["n"] for _ in range(2)] == [0, 1]
