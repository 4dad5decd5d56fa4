"""The state of a host as plain values, for the API and the dashboard."""

from __future__ import annotations

from typing import Any

from hangerd.hosts.host import Host
from hangerd.hosts.instance import Instance
from hangerd.hosts.machine import State
from hangerd.hosts.pool import Pool
from hangerd.hosts.seat import Seat


def describe(host: Host, now: float) -> dict[str, Any]:
    """Return what an operator wants to know; `now`, as all times, in seconds, sizes in bytes."""
    seats = host.pool.every
    lives = [seat.life for seat in seats]
    exits = [str(life.last_exit) for life in lives if life.last_exit is not None]
    return {
        "name": host.name,
        "kind": host.spec.kind,
        "state": overall(host.pool).value,
        "reason": next((life.reason for life in lives if life.reason), ""),
        "reload_error": None if host.reload_fault is None else host.reload_fault.as_json(),
        "last_exit": exits[-1] if exits else None,
        "restarts": sum(life.restarts for life in lives),
        "waiting": len(host.pool.queue),
        "leases": len(host.leases),
        "listening": host.listening,
        "log_file": str(host.log.path),
        "watched": host.sources.paths,
        "functions": sorted({name for one in _instances(seats) for name in one.functions}),
        "instances": [
            {
                "number": one.number,
                "state": seat.state.value,
                "pid": one.pid,
                "started": round(one.started, 3),
                "uptime": round(now - one.started, 3),
                "calls": one.calls + one.direct_calls,
                "in_flight": one.in_flight,
                "direct_connections": one.direct_connections,
                "memory": host.memory(one),
                "lag": one.pulse.lag,
                "inspector": (one.ready or {}).get("inspector"),
            }
            for seat in seats
            if (one := seat.instance) is not None
        ],
        **host.statistics.as_json(),
    }


def _instances(seats: list[Seat]) -> list[Instance]:
    return [seat.instance for seat in seats if seat.instance is not None]


def overall(pool: Pool) -> State:
    """Return the state that says most: ready if any seat is."""
    found = {seat.state for seat in pool.seats}
    order = (
        State.READY,
        State.STARTING,
        State.BACKING_OFF,
        State.DRAINING,
        State.STOPPING,
        State.FAILED,
    )
    return next((state for state in order if state in found), State.STOPPED)
