"""From start to exit: ready, failed starts, junk on the standard streams, stop, end of file."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tests.integration.hosts.runners.conftest import HOME, Workshop, node
from tests.integration.hosts.runners.wireclient import EndedError, Program
from tests.integration.parts import bound

BROKEN = {
    "js": ("module.exports = {functions: {", "SyntaxError", "Unexpected end of input"),
    "python": ("def broken(:\n", "SyntaxError", "invalid syntax"),
}
RAISING = {
    "js": ("require('./missing')", "Error", "Cannot find module './missing'"),
    "python": ("import missing_part", "ModuleNotFoundError", "No module named 'missing_part'"),
}


def test_ready_tells_of_the_process(host: Program, kind: str, shop: Workshop) -> None:
    ready = host.ready
    assert ready["protocol"] == 1
    assert ready["pid"] == host.process.pid
    assert {"echo", "count", "fail"} <= set(ready["functions"])
    name = {"js": "host.config.js", "python": "mine.py"}[kind]
    assert ready["watch"] == [str(shop.folder / name)]
    argv = {"js": [node(), "-p", "process.versions.node"], "python": [sys.executable, "-V"]}[kind]
    assert ready["version"] in subprocess.check_output(argv, text=True)


@pytest.mark.parametrize("cases", [BROKEN, RAISING])
def test_a_failed_start_says_why(
    shop: Workshop, kind: str, cases: dict[str, tuple[str, str, str]]
) -> None:
    text, error, message = cases[kind]
    path = str(shop.write({"js": "host.config.js", "python": "mine.py"}[kind], text))
    program = shop.program(kind)
    program.start(kind=kind, path=path)
    header, payload = program.read()
    fault = json.loads(payload)
    assert header == {"op": "fault", "code": "start"}
    assert fault["type"] == error
    assert message in fault["message"]
    assert path in fault["stack"]
    assert path in fault["watch"]
    assert program.wait() == 1


def test_user_code_sees_nothing_of_the_sockets(host: Program) -> None:
    assert not [name for name in host.call("environment") if name.startswith("HANGERD_")]
    assert len(host.call("descriptors")) == 4, "0, 1, 2 and the folder that ls reads"


def test_junk_on_the_standard_streams_is_log(host: Program) -> None:
    assert host.call("junk", {"size": 100_000}) == "well"
    assert host.call("echo", {"args": [1]}, **{"as": "arguments"}) == 1
    assert "a line\n" in host.log("stdout")
    assert len(host.log("stdout")) >= 100_000
    assert len(host.log("stderr")) >= 100_000


def test_ping_is_answered(host: Program, kind: str) -> None:
    host.send({"op": "ping", "id": 7})
    header, _ = host.read()
    assert (header["op"], header["id"]) == ("pong", 7)
    assert ("lag" in header) == (kind == "js")


def test_the_end_of_the_socket_is_the_end_of_the_process(host: Program) -> None:
    host.begin("later", b'{"ms": 600000, "value": 1}')
    host.close()
    assert host.wait() == 0


def test_stop_cancels_and_exits_well(host: Program) -> None:
    number = host.begin("later", b'{"ms": 600000, "value": 1}')
    host.send({"op": "stop", "grace": 10})
    assert host.fault_of(number)[0] == "cancelled"
    with pytest.raises(EndedError):
        host.read()
    assert host.wait() == 0


def test_after_stop_no_call_is_taken(shop: Workshop, kind: str) -> None:
    host = shop.alike(kind)
    guest = host.direct()
    guest.read()
    host.send({"op": "drain"})
    guest.wait_for("drain")
    assert guest.fault("echo")[0] == "stopping"
    assert host.call("echo", {"args": [1]}, **{"as": "arguments"}) == 1


def test_stop_before_start(shop: Workshop, kind: str) -> None:
    program = shop.program(kind)
    program.send({"op": "stop", "grace": 10})
    assert program.wait() == 0


def test_an_answer_that_nobody_reads_is_written_before_the_exit(host: Program) -> None:
    number = host.begin("bytes", b'{"size": 20000000}')
    host.send({"op": "ping", "id": 1})
    host.wait_for("pong")
    host.send({"op": "stop", "grace": 10})
    header, _ = host.outcome(number)
    assert header["op"] in {"result", "fault"}
    assert host.wait() == 0


def test_threads_left_behind_do_not_outlast_the_grace(shop: Workshop) -> None:
    host = shop.python(
        "import threading, time\n"
        "def linger(): threading.Thread(target=time.sleep, args=(600,)).start()\n"
    )
    host.call("linger")
    host.send({"op": "stop", "grace": 0.5})
    begun = time.monotonic()
    assert host.wait() == 0
    assert time.monotonic() - begun < bound(5)


@pytest.mark.parametrize(
    "body",
    [
        "setTimeout(() => { throw new RangeError('nobody caught it'); }, 1)",
        "Promise.reject(new RangeError('nobody caught it'))",
        "setImmediate(async () => { throw new RangeError('nobody caught it'); })",
    ],
)
def test_an_error_that_nothing_catches_is_a_crash_for_everybody(shop: Workshop, body: str) -> None:
    host = shop.js(
        f"module.exports = {{functions: {{bad(data, cb) {{ {body}; }}, wait(data, cb) {{}} }}}};"
    )
    guest = host.direct()
    guest.read()
    host.wait_for("direct")
    guest.begin("wait")
    host.begin("wait")
    host.begin("bad")
    for wire in (host, guest):
        header, payload = wire.wait_for("fault")
        assert header == {"op": "fault", "code": "crash"}
        fault = json.loads(payload)
        assert (fault["type"], fault["message"]) == ("RangeError", "nobody caught it")
    assert host.wait() == 1
    assert "nobody caught it" in host.log("stderr")


def test_a_config_may_catch_everything_itself(shop: Workshop) -> None:
    host = shop.js(
        "process.on('uncaughtException', (e) => console.log('caught ' + e.message));"
        "module.exports = {functions: {bad(d, cb) {"
        " setTimeout(() => cb(null, 'lives'), 20); setTimeout(() => { throw new Error('x'); }, 1);"
        "}}};"
    )
    assert host.call("bad") == "lives"
    assert "caught x" in host.log("stdout")


@pytest.mark.parametrize("kind", ["js", "python"])
def test_started_by_hand_it_says_who_starts_it(kind: str) -> None:
    argv = {
        "js": [node(), str(HOME / "node/main.js")],
        "python": [sys.executable, str(HOME / "python")],
    }
    done = subprocess.run(argv[kind], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "started by hangerd" in done.stderr
