"""Numbers for machines: `GET /-/metrics` of the admin door, in the format of Prometheus.

For who has the control token, or for anybody where the settings say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from twisted.web.resource import Resource

from hangerd.hosts.service import HostsService
from hangerd.lag import LagService
from hangerd.metrics.daemon import RequestsCollector, ScriptsCollector, SlotsCollector
from hangerd.metrics.hosts import CallsCollector, ProcessesCollector
from hangerd.scripts.service import ScriptsService
from hangerd.slots.service import SlotsService
from hangerd.web.answers import answer
from hangerd.web.auth import ControlToken
from hangerd.web.errors import Unauthorized, answer_error
from hangerd.web.tally import RequestTally


def registry_of(
    slots: SlotsService,
    scripts: ScriptsService | None,
    hosts: HostsService,
    tally: RequestTally,
    connections: Mapping[str, Callable[[], int]],
    lag: LagService,
) -> CollectorRegistry:
    """Return what reads the numbers of all parts; `connections` counts those of each door."""
    registry = CollectorRegistry()
    registry.register(SlotsCollector(slots))
    if scripts is not None:
        registry.register(ScriptsCollector(scripts))
    registry.register(CallsCollector(hosts))
    registry.register(ProcessesCollector(hosts))
    registry.register(RequestsCollector(tally.counts, connections, lag.seen))
    ProcessCollector(registry=registry)
    return registry


class MetricsResource(Resource):
    """`control` is None where everybody may ask."""

    isLeaf = True

    def __init__(self, registry: CollectorRegistry, control: ControlToken | None) -> None:
        super().__init__()
        self._registry = registry
        self._control = control

    def render_GET(self, request: Any) -> bytes:
        """Send all numbers, as Prometheus' text or as OpenMetrics, whichever is asked for."""
        try:
            if self._control is not None:
                self._control.require(request)
        except Unauthorized as error:
            return answer_error(request, error)
        accepted = (request.getHeader(b"accept") or b"").decode("latin-1")
        encode, content_type = choose_encoder(accepted)
        return answer(request, 200, encode(self._registry), content_type.encode())
