"""The metrics of hosts: calls by function and outcome, processes, memory.

Labels are the hosts that an operator defined, and the functions that these have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from hangerd.histogram import Histogram
from hangerd.hosts.service import HostsService
from hangerd.hosts.statistics import Calls
from hangerd.metrics.families import Labels, histograms


class CallsCollector(Collector):
    """What was called, and how long that took."""

    def __init__(self, hosts: HostsService) -> None:
        self._hosts = hosts

    def collect(self) -> Iterator[Metric]:
        """Read the numbers."""
        calls = CounterMetricFamily(
            "hangerd_host_calls",
            'Calls that are over; the outcome is "ok" or the code of a fault.',
            labels=["host", "function", "outcome"],
        )
        seconds: dict[Labels, Histogram] = {}
        for host in self._hosts:
            for function, told in self._hosts.get(host).statistics.by_function.items():
                seconds[host, function] = told.seconds
                for outcome, count in _outcomes(told).items():
                    calls.add_metric([host, function, outcome], count)
        yield calls
        yield histograms(
            "hangerd_host_call_seconds", "How long calls took.", ("host", "function"), seconds
        )


class ProcessesCollector(Collector):
    """What runs: processes, their memory, their restarts, who waits for them."""

    def __init__(self, hosts: HostsService) -> None:
        self._hosts = hosts

    def collect(self) -> Iterator[Metric]:
        """Read the numbers."""
        told = {name: self._hosts.describe(name) for name in self._hosts}
        restarts = CounterMetricFamily(
            "hangerd_host_restarts", "Starts after a process had ended.", labels=["host"]
        )
        for host, state in told.items():
            restarts.add_metric([host], state["restarts"])
        yield restarts
        for name, text, number in _GAUGES:
            gauge = GaugeMetricFamily(f"hangerd_host_{name}", text, labels=["host"])
            for host, state in told.items():
                gauge.add_metric([host], number(state))
            yield gauge


def _outcomes(calls: Calls) -> dict[str, int]:
    failed = dict(calls.faults)
    return {"ok": calls.seconds.count - sum(failed.values())} | failed


def _ready(state: dict[str, Any]) -> int:
    return sum(one["state"] == "ready" for one in state["instances"])


def _memory(state: dict[str, Any]) -> int:
    return sum(one["memory"] for one in state["instances"])


def _lag(state: dict[str, Any]) -> float:
    return max((one["lag"] or 0.0 for one in state["instances"]), default=0.0)


_GAUGES = (
    ("instances", "Processes that take calls.", _ready),
    ("memory_bytes", "Resident memory of all processes of a host.", _memory),
    ("lag_seconds", "How late the slowest of its event loops answers.", _lag),
    ("queued", "Calls that wait for a process.", lambda state: state["waiting"]),
    ("leases", "Leases that are held.", lambda state: state["leases"]),
)
