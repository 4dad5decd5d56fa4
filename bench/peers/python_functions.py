"""bgpy and RPyC from PyPI, each with the functions in its own words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from bench.contest import Contestant
from bench.packages import python_version, venv
from bench.peers.function_server import FunctionServer
from bench.processes import free_port, listens, server, wait_until

_ROOT: Final = Path(__file__).parent.parent.parent
_TASKS: Final = _ROOT / "bench" / "programs" / "bgpy_tasks.py"


def bgpy() -> list[Contestant[FunctionServer]]:
    """Install it. Raises NotMeasured."""
    python = venv("bgpy", "bgpy==0.3.1", "click==8.0.4")  # it runs with this click only

    def command(port: int) -> list[str | Path]:
        quiet = ["--log-level=ERROR", f"--init-file={_TASKS}"]
        return [python.with_name("bgpy"), "server", "127.0.0.1", str(port), *quiet]

    found = {"bgpy": python_version(python, "bgpy")}
    return [Contestant("bgpy", _start("bgpy", python, command), found)]


def rpyc() -> list[Contestant[FunctionServer]]:
    """Install it. Raises NotMeasured."""
    python = venv("rpyc", "rpyc")

    def command(port: int) -> list[str | Path]:
        return [python, "-m", "bench.programs.rpyc_service", str(port)]

    found = {"RPyC": python_version(python, "rpyc")}
    return [Contestant("RPyC", _start("rpyc", python, command), found)]


def _start(
    caller: str, python: Path, command: Callable[[int], Sequence[str | Path]]
) -> Callable[[], AbstractContextManager[FunctionServer]]:
    @contextmanager
    def start() -> Iterator[FunctionServer]:
        port, env = free_port(), {"PYTHONPATH": str(_ROOT)}
        with tempfile.TemporaryDirectory() as name:
            log = Path(name) / "log"
            with server(command(port), log, env) as process:
                needed = wait_until(lambda: listens(port), process, log)
                where = {"port": port}
                yield FunctionServer(caller, where, process, python=python, listening=needed)

    return start
