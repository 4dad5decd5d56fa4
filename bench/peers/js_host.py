"""js-host from npm, called over HTTP and by its own Python client from PyPI."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.contest import Contestant, NotMeasured
from bench.packages import node_modules, node_version, python_version, venv
from bench.peers.function_server import FunctionServer, post
from bench.processes import free_port, listens, server, wait_until

_CONFIG: Final = Path(__file__).parent.parent / "programs" / "host.config.js"
_WRAPPED: Final = """
const config = require('{config}');
const {{count, ...functions}} = config.functions; // it refuses generators
module.exports = {{...config, functions, port: {port}}};
"""
_PYTHON: Final = (3, 11)
"""The last Python that its client is imported by."""


def contestants() -> list[Contestant[FunctionServer]]:
    """Install it. Raises NotMeasured."""
    modules = node_modules("js-host", "js-host@0.12.0")
    found = {"js-host": node_version(modules, "js-host")}
    return [Contestant("js-host", _start(modules, _over_http), found)]


def client() -> list[Contestant[FunctionServer]]:
    """Install its Python client too. Raises NotMeasured."""
    if sys.version_info[:2] > _PYTHON:
        raise NotMeasured("it can not be imported by Python 3.12 or later")
    modules = node_modules("js-host", "js-host@0.12.0")
    python = venv("python-js-host", "js-host==0.2.0")
    found = {"python-js-host": python_version(python, "js-host")}

    def by_client(folder: Path, port: int) -> FunctionServer:
        where = {"folder": str(folder), "port": port}
        return FunctionServer("js_host", where, None, python=python)

    return [Contestant("python-js-host", _start(modules, by_client), found)]


def _over_http(folder: Path, port: int) -> FunctionServer:
    url = f"http://127.0.0.1:{port}"
    return FunctionServer("http", {"url": url}, None, http=post(url))


def _start(
    modules: Path, make: Callable[[Path, int], FunctionServer]
) -> Callable[[], AbstractContextManager[FunctionServer]]:
    @contextmanager
    def start() -> Iterator[FunctionServer]:
        with tempfile.TemporaryDirectory() as name:
            folder, port = Path(name), free_port()
            (folder / "node_modules").symlink_to(modules)
            config = folder / "host.config.js"
            config.write_text(_WRAPPED.format(config=_CONFIG, port=port))
            program = modules / "js-host" / "bin" / "js-host.js"
            command = [shutil.which("node") or "node", program, config]
            log, quiet = folder / "log", {"NODE_NO_WARNINGS": "1"}
            with server(command, log, quiet, cwd=folder) as process:
                needed = wait_until(lambda: listens(port), process, log)
                yield replace(make(folder, port), process=process, listening=needed)

    return start
