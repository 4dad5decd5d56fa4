"""What the dashboard shows of the daemon now, as plain values, and the numbers that it plots.

A picture is a mapping of keys: "daemon" for where it is, "slots", "threads" (where there are
scripts), "run/ID" of each run, "host/NAME" of each host. Nothing in it changes while nothing
happens: instead of ages it has the times at which things began, in seconds of the daemon's clock;
sizes are in bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

from hangerd.dashboard.history import Number
from hangerd.dashboard.rates import Growth
from hangerd.hosts.service import HostsService
from hangerd.scripts.active import ActiveRun
from hangerd.scripts.service import ScriptsService
from hangerd.slots.service import SlotsService

_SHOWN: Final = (
    "kind",
    "state",
    "reason",
    "reload_error",
    "last_exit",
    "restarts",
    "waiting",
    "leases",
    "functions",
    "calls",
    "faults",
)
_MIB: Final = 1024 * 1024


class Picture:
    """Looks at the services; `scripts` is None where no folder is served.

    `public` tells the URLs of the public door, once there are any.
    """

    def __init__(
        self,
        seconds: Callable[[], float],
        slots: SlotsService,
        hosts: HostsService,
        scripts: ScriptsService | None,
        public: Callable[[], Sequence[str]],
    ) -> None:
        self._public = public
        self._seconds = seconds
        self._slots = slots
        self._hosts = hosts
        self._scripts = scripts
        self._looks = Growth()
        self._steps = Growth()
        self._latency: dict[str, float] = {}  # by host, of its last calls

    def look(self) -> dict[str, Any]:
        """Return the picture; rates are those since the last look."""
        counts = self._slots.counts()
        told = {name: self._hosts.describe(name) for name in self._hosts}
        self._looks.look(_counters(counts.writes, told), self._seconds())
        root = None if self._scripts is None else self._scripts.root
        shown: dict[str, Any] = {
            "daemon": {"public": next(iter(self._public()), None), "root": root},
            "slots": asdict(counts) | {"rate": self._looks.rate("writes")},
            **self._shown_scripts(),
        }
        latency = {name: self._mean(name) for name in told}
        self._latency = {name: mean for name, mean in latency.items() if mean is not None}
        for name, host in told.items():
            shown[f"host/{name}"] = self._shown_host(name, host)
        return shown

    def step(self) -> dict[str, Number]:
        """Return the numbers to plot; rates and means are those since the last step."""
        counts = self._slots.counts()
        told = {name: self._hosts.describe(name) for name in self._hosts}
        self._steps.look(_counters(counts.writes, told), self._seconds())
        values: dict[str, Number] = {
            "slots": counts.slots,
            "waiting": counts.waiting,
            "writes": self._steps.rate("writes"),
        }
        if self._scripts is not None:
            values["runs"] = len(self._scripts.runs())
        for name, host in told.items():
            calls = self._steps.grown(f"calls/{name}")
            values[f"calls/{name}"] = self._steps.rate(f"calls/{name}")
            spent = self._steps.grown(f"seconds/{name}")
            values[f"latency/{name}"] = _rounded(spent / calls) if calls else None
            values[f"memory/{name}"] = _memory(host)
        return values

    def _shown_scripts(self) -> dict[str, Any]:
        if self._scripts is None:
            return {}
        runs = {f"run/{run.run.id}": _shown_run(run) for run in self._scripts.runs()}
        return {"threads": asdict(self._scripts.stats())} | runs

    def _mean(self, name: str) -> float | None:
        """The mean time of a host's last calls, also when these were a while ago."""
        calls = self._looks.grown(f"calls/{name}")
        if not calls:
            return self._latency.get(name)
        return _rounded(self._looks.grown(f"seconds/{name}") / calls)

    def _shown_host(self, name: str, told: dict[str, Any]) -> dict[str, Any]:
        return {key: told[key] for key in _SHOWN} | {
            "rate": self._looks.rate(f"calls/{name}"),
            "latency": self._latency.get(name),
            "p99": told["latency"]["p99"],
            "memory": _memory(told),
            "instances": [
                {key: one[key] for key in ("number", "state", "pid", "started", "in_flight")}
                for one in told["instances"]
            ],
        }


def _counters(writes: int, told: dict[str, dict[str, Any]]) -> dict[str, float]:
    counters: dict[str, float] = {"writes": writes}
    for name, host in told.items():
        counters[f"calls/{name}"] = host["calls"]
        counters[f"seconds/{name}"] = host["calls"] * host["latency"]["mean"]
    return counters


def _shown_run(active: ActiveRun) -> dict[str, Any]:
    return {
        "script": active.run.visit.script_name,
        "client": active.run.visit.peer[0],
        "began": round(active.began, 3),
        "waits_for": active.waits_for,
        "bytes": active.run.output.total,
    }


def _memory(told: dict[str, Any]) -> int:
    """The memory of a host's instances, in whole MiB: a process at rest still moves a little."""
    return sum(round(one["memory"] / _MIB) * _MIB for one in told["instances"])


def _rounded(seconds: float) -> float:
    return float(f"{seconds:.3g}")
