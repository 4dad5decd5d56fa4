"""wrk, the load generator, from the system: run for some seconds, and what it says is read."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bench.contest import NotMeasured

_MILLISECONDS: Final = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Ask:
    """The request that wrk repeats."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Said:
    """Requests a second and in all, and milliseconds from request to answer."""

    rate: float
    p50: float
    p99: float
    count: int

    @property
    def counted(self) -> tuple[float, int]:
        """Requests a second, and in all."""
        return self.rate, self.count


def require_wrk() -> None:
    """Raise SystemExit where there is no wrk."""
    if not shutil.which("wrk"):
        raise SystemExit("bench: wrk is needed: apt-get install wrk (or your system's package)")


def wrk(ask: Ask, connections: int, seconds: int) -> Said:
    """Repeat a request. Raises NotMeasured when it was refused, or not answered."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"wrk.method = {_lua(ask.method)}\nwrk.body = {_lua(ask.body)}\n")
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
        command += [part for each in ask.headers.items() for part in ("-H", ": ".join(each))]
        command += ["-s", script.name, ask.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return read(done.stdout + done.stderr)


def version() -> str:
    """Give wrk's own word for its version."""
    done = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).split()[1]


def read(said: str) -> Said:
    """Read wrk's report. Raises NotMeasured."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    percent = {found[1]: _time(found[2]) for found in re.finditer(r"(\d+)%\s+([\d.]+\w+)", said)}
    if not rate or not float(rate[1]):
        raise NotMeasured("wrk got no answers")
    count = re.search(r"(\d+) requests in", said)
    if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", said):
        raise NotMeasured(f"{refused[1]} requests were refused")
    return Said(float(rate[1]), percent["50"], percent["99"], int(count[1]) if count else 0)


def _time(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    assert found
    return float(found[1]) * _MILLISECONDS[found[2]]


def _lua(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
