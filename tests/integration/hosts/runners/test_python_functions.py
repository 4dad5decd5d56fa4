"""Functions of a python host: which are public, how they are called, pickles, imports."""

from __future__ import annotations

import json
import pickle
import sys
from typing import Any

import pytest

from tests.integration.hosts.runners.conftest import HOME, Workshop
from tests.integration.hosts.runners.wireclient import Program

NAMES = """
from json import dumps
import math
class Kind: pass
def seen(): return 1
def _hidden(): return 2
async def later(): return 3
value = 4
"""


def test_own_functions_are_public(shop: Workshop) -> None:
    host = shop.python(NAMES)
    assert host.ready["functions"] == ["seen", "later"]
    for name in ("_hidden", "dumps", "Kind", "value", "math"):
        assert host.fault(name)[0] == "no_function"


def test_all_says_what_is_public(shop: Workshop) -> None:
    host = shop.python(NAMES + "__all__ = ['dumps', 'seen', 'value']")
    assert host.ready["functions"] == ["dumps", "seen"]
    assert host.call("dumps", [[1]]) == "[1]"


@pytest.mark.parametrize(
    ("module", "function", "given", "answer"),
    [("math", "hypot", [3, 4], 5.0), ("os.path", "join", ["a", "b"], "a/b")],
)
def test_a_module_by_name(
    shop: Workshop, module: str, function: str, given: list[Any], answer: Any
) -> None:
    program = shop.program("python")
    program.boot(kind="python", module=module)
    assert program.call(function, given) == answer


@pytest.mark.parametrize(
    ("payload", "header", "answer"),
    [
        (b'{"a": 1, "b": 2}', {}, [[], {"a": 1, "b": 2}]),
        (b"[1, 2]", {}, [[1, 2], {}]),
        (b"", {}, [[], {}]),
        (b'"one"', {}, [["one"], {}]),
        (b"null", {}, [[None], {}]),
        (b'{"args": [1], "kwargs": {"a": 2}}', {"as": "arguments"}, [[1], {"a": 2}]),
        (b'{"args": [{"a": 2}]}', {"as": "arguments"}, [[{"a": 2}], {}]),
        (b"[[1], {}]", {"as": "arguments"}, [[1], {}]),
    ],
)
def test_how_arguments_are_passed(
    shop: Workshop, payload: bytes, header: dict[str, Any], answer: Any
) -> None:
    host = shop.python("def f(*args, **kwargs): return [args, kwargs]")
    number = host.begin("f", payload, **header)
    assert json.loads(host.outcome(number)[1]) == answer


@pytest.mark.parametrize("given", [{"x": 1}, [1, 2], {"args": 1}])
def test_arguments_that_do_not_fit_are_a_fault(shop: Workshop, given: Any) -> None:
    host = shop.python("def f(a): return len(5)\nasync def g(a): pass\ndef inner(): f()\n")
    way = {"as": "arguments"} if isinstance(given, dict) and "args" in given else {}
    assert host.fault("f", given, **way)[0] == "arguments"
    assert host.fault("g", given, **way)[0] == "arguments"
    assert host.fault("inner")[0] == "function", "that error is the function's own"
    assert host.fault("f", [1])[0] == "function", "so is this one"


def test_the_causes_of_an_error_are_told(shop: Workshop) -> None:
    host = shop.python(
        "def f():\n  try: {}['k']\n  except KeyError as e: raise ValueError('outer') from e\n"
    )
    _, fault = host.fault("f")
    assert fault["cause"]["type"] == "KeyError"
    assert "direct cause" in fault["stack"]


@pytest.mark.parametrize("statement", ["raise SystemExit(3)", "raise KeyboardInterrupt", "exit()"])
def test_an_exit_is_a_fault_of_its_call(shop: Workshop, statement: str) -> None:
    host = shop.python(f"def f(): {statement}\ndef ok(): return 1")
    assert host.fault("f")[0] == "function"
    assert host.call("ok") == 1


def test_pickles_where_the_spec_allows_them(shop: Workshop) -> None:
    host = shop.python("def f(*args, **kwargs): return (args, kwargs)", pickle=True)
    number = host.begin(
        "f",
        pickle.dumps(((1, {2}), {"x": b"3"})),
        type="pickle",
        accept="pickle",
        **{"as": "arguments"},
    )
    header, payload = host.outcome(number)
    assert header["type"] == "pickle"
    assert pickle.loads(payload) == ((1, {2}), {"x": b"3"})
    number = host.begin("f", pickle.dumps({1: 2}), type="pickle", accept="pickle")
    assert pickle.loads(host.outcome(number)[1]) == (({1: 2},), {})
    assert host.fault_of(host.begin("f", b"junk", type="pickle"))[0] == "arguments"


def test_what_cannot_be_pickled_is_a_fault(shop: Workshop) -> None:
    host = shop.python("def f(): return lambda: 1", pickle=True)
    assert host.fault("f", accept="pickle")[0] == "encoding"


def test_the_import_graph_is_told(shop: Workshop) -> None:
    shop.write("near.py", "import json, colorsys")
    shop.write("late.py", "")
    shop.write("site-packages/far.py", "")
    host = shop.python(
        "import sys; sys.path.append(sys.path[0] + '/site-packages')\n"
        "import near, far\ndef f(): import late\n"
    )
    assert set(host.ready["watch"]) == {str(shop.folder / name) for name in ("mine.py", "near.py")}
    host.call("f")
    assert json.loads(host.wait_for("watch")[1]) == [str(shop.folder / "late.py")]


def test_user_modules_do_not_meet_the_runners(shop: Workshop) -> None:
    shop.write("frames.py", "mine = 'frames'")
    shop.write("call.py", "mine = 'call'")
    host = shop.python(
        "import sys, frames, call\n"
        "def f(): return [frames.mine, call.mine, __name__, 'runners' in str(sys.path)]"
    )
    assert host.call("f") == ["frames", "call", "mine", False]


@pytest.mark.parametrize("flags", [[], ["-I"], ["-P"], ["-S", "-E"]])
def test_flags_of_the_interpreter(shop: Workshop, flags: list[str]) -> None:
    program = Program([sys.executable, *flags, str(HOME / "python")])
    try:
        program.boot(kind="python", path=str(shop.write("mine.py", "def f(): return 1")))
        assert program.call("f") == 1
    finally:
        program.end()


def test_an_old_python_is_refused(shop: Workshop) -> None:
    shop.write("old/sitecustomize.py", "import sys; sys.version_info = (3, 9, 18)")
    program = shop.program("python", {"PYTHONPATH": str(shop.folder / "old")})
    header, payload = program.read()
    assert header == {"op": "fault", "code": "start"}
    assert "Python 3.9 is too old" in json.loads(payload)["message"]
    assert program.wait() == 1


def test_a_file_that_is_no_module_is_refused(shop: Workshop) -> None:
    program = shop.program("python")
    program.start(kind="python", path=str(shop.write("mine.txt", "")))
    header, payload = program.read()
    assert header["code"] == "start"
    assert "must end in .py" in json.loads(payload)["message"]


def test_an_exit_while_loading_is_a_failed_start(shop: Workshop) -> None:
    program = shop.program("python")
    program.start(kind="python", path=str(shop.write("mine.py", "raise SystemExit(5)")))
    assert json.loads(program.read()[1])["type"] == "SystemExit"
    assert program.wait() == 1


def test_atexit_runs_at_stop(shop: Workshop) -> None:
    host = shop.python("import atexit; atexit.register(print, 'bye')\ndef f(): pass")
    host.send({"op": "stop", "grace": 5})
    assert host.wait() == 0
    assert host.log("stdout") == "bye\n"
