"""The metrics of slots, scripts, requests and the reactor, read from what the services count.

Labels are our own words, of which there are few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from hangerd.histogram import Histogram
from hangerd.metrics.families import histogram
from hangerd.scripts.service import ScriptsService
from hangerd.slots.service import SlotsService


class SlotsCollector(Collector):
    """What is open, written and waited for, and how quickly readers wake."""

    def __init__(self, slots: SlotsService) -> None:
        self._slots = slots

    def collect(self) -> Iterator[Metric]:
        """Read the numbers."""
        counts = self._slots.counts()
        slots = GaugeMetricFamily("hangerd_slots", "Slots, by state.", labels=["state"])
        slots.add_metric(["open"], counts.slots - counts.written)
        slots.add_metric(["written"], counts.written)
        yield slots
        yield GaugeMetricFamily(
            "hangerd_slots_stored_bytes", "Bytes of values in slots.", counts.stored
        )
        yield GaugeMetricFamily(
            "hangerd_slots_waiting", "Requests that are held: reads, sleeps.", counts.waiting
        )
        yield CounterMetricFamily(
            "hangerd_slots_writes", "Values that were written to slots.", counts.writes
        )
        yield CounterMetricFamily(
            "hangerd_slots_redeliveries",
            "Values that were put back, since they did not arrive.",
            counts.redeliveries,
        )
        refusals = CounterMetricFamily(
            "hangerd_slots_refusals", "Requests over a limit, by limit.", labels=["limit"]
        )
        for limit, refused in self._slots.refusals().items():
            refusals.add_metric([limit], refused)
        yield refusals
        yield histogram(
            "hangerd_slots_wake_seconds",
            "From a write until a reader who waited had the value.",
            self._slots.wakes,
        )


class ScriptsCollector(Collector):
    """What runs, how runs ended, and what the threads do."""

    def __init__(self, scripts: ScriptsService) -> None:
        self._scripts = scripts

    def collect(self) -> Iterator[Metric]:
        """Read the numbers."""
        totals, stats = self._scripts.totals, self._scripts.stats()
        runs = CounterMetricFamily("hangerd_runs", "Runs that are over.", labels=["outcome"])
        for outcome, count in totals.ended.items():
            runs.add_metric([outcome], count)
        yield runs
        yield GaugeMetricFamily(
            "hangerd_runs_active", "Runs that are not over.", len(self._scripts.runs())
        )
        yield GaugeMetricFamily("hangerd_runs_queued", "Runs that wait for a thread.", stats.queued)
        yield histogram(
            "hangerd_runs_queue_seconds", "From a request until a thread ran it.", totals.waits
        )
        threads = GaugeMetricFamily("hangerd_threads", "Threads for scripts.", labels=["state"])
        threads.add_metric(["busy"], stats.busy)
        threads.add_metric(["idle"], stats.threads - stats.busy)
        threads.add_metric(["zombie"], stats.zombies)
        yield threads


class RequestsCollector(Collector):
    """What was asked and how it was answered; `connections` counts those of each door."""

    def __init__(
        self,
        counts: Mapping[tuple[str, int], int],
        connections: Mapping[str, Callable[[], int]],
        lag: Histogram,
    ) -> None:
        self._counts = counts
        self._connections = connections
        self._lag = lag

    def collect(self) -> Iterator[Metric]:
        """Read the numbers."""
        requests = CounterMetricFamily(
            "hangerd_http_requests", "Requests that were answered.", labels=["route", "status"]
        )
        for (route, status), count in sorted(self._counts.items()):
            requests.add_metric([route, str(status)], count)
        yield requests
        connections = GaugeMetricFamily(
            "hangerd_http_connections", "Open connections.", labels=["door"]
        )
        for door, count_open in self._connections.items():
            connections.add_metric([door], count_open())
        yield connections
        yield histogram(
            "hangerd_reactor_lag_seconds",
            "How late a call of the reactor comes that is due once a second.",
            self._lag,
        )
