"""A server that has functions, as its peers give it to the suite, and how it is called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from bench.callers.caller import Where
from bench.contest import Contestant, NotMeasured
from bench.wrk import Ask

_ROOT: Final = Path(__file__).parent.parent.parent
_LONGEST: Final = 40.0


@dataclass(frozen=True)
class FunctionServer:
    """`where` is for the module `caller` of bench.callers, run by `python`.

    `pools` has others, by how many processes share the calls; `crowd` is one for calls that wait
    beside each other, where that is another. `http` is a call that wrk can repeat.
    `process` is None for a server that is not ours to watch. `listening` is how many milliseconds
    a peer needed from its start until it took connections.
    """

    caller: str
    where: Where
    process: psutil.Process | None
    python: Path = Path(sys.executable)
    pools: Mapping[int, Where] = field(default_factory=dict)
    crowd: Where | None = None
    http: Ask | None = None
    listening: float | None = None

    def run(self, load: str, where: Where | None = None, **parameters: Any) -> list[float]:
        """Run a load of bench.loads.calls. Raises NotMeasured."""
        told = [self.caller, json.dumps(where or self.where), load, json.dumps(parameters)]
        env = {**os.environ, "PYTHONPATH": str(_ROOT), "NODE_NO_WARNINGS": "1"}
        command = [str(self.python), "-m", "bench.loads.run", *told]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_LONGEST, env=env
            )
        except subprocess.TimeoutExpired:
            raise NotMeasured(f"it took more than {_LONGEST:.0f} s") from None
        if done.returncode:
            raise NotMeasured(done.stderr.strip().splitlines()[-1])
        found = json.loads(done.stdout.splitlines()[-1])
        if "unable" in found:
            raise NotMeasured(found["unable"])
        figures: list[float] = found["figures"]
        return figures


def post(url: str, headers: Mapping[str, str] | None = None) -> Ask:
    """Give the call of `echo` that wrk repeats."""
    all_headers = {"Content-Type": "application/json", **(headers or {})}
    return Ask(f"{url}/function/echo", "POST", all_headers, json.dumps({"text": "x" * 20}))


def elsewhere(url: str) -> Contestant[FunctionServer]:
    """Give a server that runs already and speaks js-host's protocol."""
    url = url.rstrip("/")

    @contextmanager
    def start() -> Iterator[FunctionServer]:
        yield FunctionServer("http", {"url": url}, None, http=post(url))

    return Contestant(url, start)
