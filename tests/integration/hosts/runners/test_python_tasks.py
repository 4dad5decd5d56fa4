"""bgpy task files, unmodified: the README's, the package's own example, and what they rely on."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from tests.integration.hosts.runners.conftest import Workshop
from tests.integration.hosts.runners.wireclient import Program

HEADS = {
    "readme": (
        "from bgpy.core.sockets import ClientSocket\nfrom bgpy import respond\n",
        "client_socket: ClientSocket",
    ),
    "package": ("from ..core.sockets import ClientSocket\nfrom ..server import respond\n", ""),
    "plain": ("import bgpy\nrespond = bgpy.respond\nClientSocket = object\n", "socket=None"),
}
TASKS = """
def init_task({parameter}) -> dict:
    return {{"count": 0, "value": 1000}}

def exec_task(client_socket: ClientSocket, state: dict, asked: dict) -> dict:
    state["count"] += 1
    if asked["command"] == "increase":
        state["value"] += asked["change"]
    if asked["command"] == "show":
        respond(client_socket, state)
    return state

def exit_task(client_socket: ClientSocket, state: dict, asked: dict) -> None:
    state["status"] = "Exited."
    respond(client_socket, dict(state, **asked))
"""


def tasks(head: str = "readme") -> str:
    imports, parameter = HEADS[head]
    return imports + TASKS.format(parameter=parameter)


def increase(host: Program, change: int) -> Any:
    return host.call("exec_task", {"command": "increase", "change": change})


def show(host: Program) -> Any:
    return host.call("exec_task", {"command": "show"})


@pytest.mark.parametrize("head", HEADS)
def test_a_task_file_keeps_its_state(shop: Workshop, head: str) -> None:
    host = shop.python(tasks(head))
    assert host.ready["functions"] == ["exec_task", "exit_task"]
    assert increase(host, 10) is None, "no response is null"
    assert increase(host, -100) is None
    assert show(host) == {"count": 3, "value": 910}


def test_a_task_file_as_a_module(shop: Workshop) -> None:
    shop.write("mine/tasks.py", tasks())
    program = shop.program("python", {"PYTHONPATH": str(shop.folder)})
    program.boot(kind="python", module="mine.tasks")
    assert show(program) == {"count": 1, "value": 1000}


def test_exit_task_answers_and_ends_the_process(shop: Workshop) -> None:
    host = shop.python(tasks())
    last = host.call("exit_task", {"by": "me"})
    assert last == {"count": 0, "value": 1000, "status": "Exited.", "by": "me"}
    assert host.wait() == 0


def test_calls_behind_exit_task_are_refused(shop: Workshop) -> None:
    host = shop.python(tasks())
    last = host.begin("exit_task")
    late = host.begin("exec_task", b'{"command": "show"}')
    host.outcome(last)
    assert host.fault_of(late)[0] in {"stopping", "cancelled"}
    assert host.wait() == 0


@pytest.mark.parametrize(
    "asked", [{"command": "increase"}, {}, None, [1]], ids=["no change", "empty", "none", "list"]
)
def test_a_task_that_fails_leaves_the_state_as_it_was(shop: Workshop, asked: Any) -> None:
    host = shop.python(tasks())
    increase(host, 1)
    code, fault = host.fault("exec_task", asked)
    assert code == "function"
    assert fault["type"] in {"KeyError", "TypeError"}
    assert "exec_task" in fault["stack"]
    assert show(host) == {"count": 2, "value": 1001}, "the failed call counted itself before"


def test_a_state_that_cannot_be_copied_is_kept_and_said(shop: Workshop) -> None:
    host = shop.python(
        "import threading\n"
        "def init_task(): return {'lock': threading.Lock(), 'n': 0}\n"
        "def exec_task(c, s, a):\n"
        "    s['n'] += 1\n"
        "    c.send(__import__('bgpy').core.message.Message("
        "__import__('bgpy').core.message.MessageType.OK, {'n': s['n']}))\n"
        "    return s\n"
    )
    assert host.ready["functions"] == ["exec_task"]
    assert [host.call("exec_task") for _ in range(2)] == [{"n": 1}, {"n": 2}]
    assert host.log("stderr").count("cannot be pickled") == 1


SLOW = """
import time, asyncio
from bgpy import respond
def init_task(): return {"n": 0, "log": []}
def exec_task(c, s, a):
    if a.get("early"): respond(c, {"early": True})
    if a.get("twice"): respond(c, {"twice": True})
    if a.get("sleep"): time.sleep(a["sleep"])
    if a.get("fail"): raise ValueError("too late")
    s["n"] += 1
    if not a.get("early"): respond(c, {"n": s["n"]}, error=a.get("error", False))
    return s
def exit_task(c, s, a): print("left with", s["n"], c.cancelled)
"""


def test_a_response_is_sent_before_the_task_ends(shop: Workshop) -> None:
    host = shop.python(SLOW)
    number = host.begin("exec_task", b'{"early": true, "sleep": 600}')
    assert json.loads(host.outcome(number)[1]) == {"early": True}
    assert host.process.poll() is None


def test_what_fails_after_the_response_is_log(shop: Workshop) -> None:
    host = shop.python(SLOW)
    assert host.call("exec_task", {"early": True, "twice": True, "fail": True}) == {"early": True}
    assert host.call("exec_task") == {"n": 1}
    assert "ValueError: too late" in host.log("stderr")
    assert "responded more than once" in host.log("stderr")


def test_an_error_response_is_a_response(shop: Workshop) -> None:
    assert shop.python(SLOW).call("exec_task", {"error": True}) == {"n": 1}


def test_tasks_run_one_at_a_time_even_with_threads(shop: Workshop) -> None:
    host = shop.python(SLOW, threads=4)
    numbers = [host.begin("exec_task", b'{"sleep": 0.02}') for _ in range(8)]
    answers = [json.loads(host.outcome(number)[1])["n"] for number in numbers]
    assert sorted(answers) == list(range(1, 9))


def test_a_task_that_waits_for_its_turn_is_cancelled_at_once(shop: Workshop) -> None:
    host = shop.python(SLOW, threads=4)
    first = host.begin("exec_task", b'{"sleep": 600}')
    second = host.begin("exec_task")
    host.send({"op": "cancel", "id": second, "reason": "timeout"})
    assert host.fault_of(second)[0] == "cancelled"
    host.send({"op": "cancel", "id": first, "reason": "timeout"})
    assert host.fault_of(first)[0] == "cancelled"
    assert host.call("exec_task") == {"n": 1}


def test_a_cancelled_task_leaves_the_state_as_it_was(shop: Workshop) -> None:
    host = shop.python(SLOW)
    number = host.begin("exec_task", b'{"sleep": 600}')
    host.send({"op": "ping", "id": 1})
    host.wait_for("pong")
    host.send({"op": "cancel", "id": number, "reason": "timeout"})
    assert host.fault_of(number)[0] == "cancelled"
    assert host.call("exec_task") == {"n": 1}


def test_stop_runs_exit_task(shop: Workshop) -> None:
    host = shop.python(SLOW)
    host.call("exec_task")
    host.send({"op": "stop", "grace": 10})
    assert host.wait() == 0
    assert host.log("stdout") == "left with 1 False\n"


def test_the_end_of_the_socket_runs_no_exit_task(shop: Workshop) -> None:
    host = shop.python(SLOW)
    host.close()
    assert host.wait() == 0
    assert host.log("stdout") == ""


ASYNC = """
import asyncio
from bgpy import respond
async def init_task(socket):
    await asyncio.sleep(0)
    return {"n": 0}
async def exec_task(c, s, a):
    await asyncio.sleep(a.get("sleep", 0))
    s["n"] += 1
    respond(c, s)
    return s
async def exit_task(c, s, a):
    await asyncio.sleep(0)
    print("left", s["n"])
"""


def test_asynchronous_tasks(shop: Workshop) -> None:
    host = shop.python(ASYNC)
    assert [host.call("exec_task")["n"] for _ in range(2)] == [1, 2]
    number = host.begin("exec_task", b'{"sleep": 600}')
    host.send({"op": "ping", "id": 1})
    host.wait_for("pong")
    host.send({"op": "cancel", "id": number, "reason": "timeout"})
    assert host.fault_of(number)[0] == "cancelled"
    assert host.call("exec_task")["n"] == 3
    host.send({"op": "stop", "grace": 10})
    assert host.wait() == 0
    assert host.log("stdout") == "left 3\n"


def test_pickled_tasks(shop: Workshop) -> None:
    host = shop.python(
        "from bgpy import respond\n"
        "def init_task(): return {}\n"
        "def exec_task(c, s, a): respond(c, {'got': a['set'] | {3}}); return s\n",
        pickle=True,
    )
    number = host.begin("exec_task", pickle.dumps({"set": {1}}), type="pickle", accept="pickle")
    assert pickle.loads(host.outcome(number)[1]) == {"got": {1, 3}}


def test_a_response_that_cannot_be_sent_is_a_fault(shop: Workshop) -> None:
    host = shop.python(
        "from bgpy import respond\n"
        "def init_task(): return {}\n"
        "def exec_task(c, s, a): respond(c, {'a': {1}}); return s\n"
    )
    assert host.fault("exec_task")[0] == "encoding"


def test_a_failing_init_task_is_a_failed_start(shop: Workshop) -> None:
    program = shop.program("python")
    text = "def init_task(): raise OSError('no disk')\ndef exec_task(c, s, a): pass"
    program.start(kind="python", path=str(shop.write("mine.py", text)))
    header, payload = program.read()
    assert header["code"] == "start"
    assert json.loads(payload)["message"] == "no disk"


def test_the_real_bgpy_is_used_where_it_is_installed(shop: Workshop) -> None:
    # the two lines of it that a task meets: respond hands the socket a message
    shop.write(
        "bgpy/__init__.py",
        "class M:\n"
        "    def __init__(self, args): self.args, self.type = args, type('T', (), {'name': 'OK'})\n"
        "    def get_args(self): return self.args\n"
        "def respond(client_socket, response): return client_socket.send(M(response))\n",
    )
    host = shop.python(
        "import bgpy\n"
        "def init_task(): return 0\n"
        "def exec_task(c, s, a): bgpy.respond(c, {'real': bgpy.M.__name__}); return s\n"
    )
    assert host.call("exec_task") == {"real": "M"}
