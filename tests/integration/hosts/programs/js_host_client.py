"""Uses js-host's own client from PyPI, configured plainly; prints what it got as JSON."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from js_host.conf import settings
from js_host.exceptions import FunctionError, FunctionTimeout

settings.configure(SOURCE_ROOT=sys.argv[1], VERBOSITY=0)

from js_host.function import Function  # noqa: E402 - only when it is configured
from js_host.host import host  # noqa: E402


def failed(function: Any, **given: Any) -> list[str]:
    try:
        return ["returned", function.call(**given)]
    except (FunctionError, FunctionTimeout) as error:
        return [type(error).__name__, str(error)]


def echo(value: object) -> Any:
    return Function("echo").call(echo=value)


big = "x" * 9_000_000
with ThreadPoolExecutor(20) as pool:
    crowd = list(pool.map(lambda number: Function("slow").call(echo=number), range(20)))

told = {
    "running": host.is_running(),
    "name": host.get_name(),
    "hello": Function("hello").call(name="Foo"),
    "number": Function("double").call(number=20),
    "object": Function("data").call(a=[1, {"b": None}]),
    "error": failed(Function("double")),
    "text_error": failed(Function("complain")),
    "thrown": failed(Function("throw")),
    "timeout": failed(Function("never", timeout=0.3)),
    "after": echo("still here"),
    "crowd": crowd,
    "big": echo(big) == big,
}
json.dump(told, sys.stdout)
