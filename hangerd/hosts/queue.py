"""The calls of a host that wait for room: first come, first served, and only so many."""

from __future__ import annotations

from collections import deque

from hangerd.hosts.calls import Call
from hangerd.hosts.faults import Fault


class CallQueue:
    """At most `limit` calls wait. A call that ended meanwhile leaves by `drop`."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._calls: deque[Call] = deque()

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Call, retry_after: float) -> bool:
        """Let a call wait; or end it as busy, and return False."""
        if len(self._calls) >= self.limit:
            what = f"{len(self._calls)} calls wait for {call.host} already"
            call.fail(Fault("busy", "Busy", what, retry_after=retry_after))
            return False
        self._calls.append(call)
        return True

    def put_back(self, call: Call) -> None:
        """Let a call wait before all others that has had its turn, in vain."""
        self._calls.appendleft(call)

    def next(self) -> Call:
        """Return the call that has waited longest."""
        return self._calls.popleft()

    def drop(self, call: Call) -> bool:
        """Let a call go that waits no more; return whether it has waited."""
        if call not in self._calls:
            return False
        self._calls.remove(call)
        return True

    def fail_all(self, fault: Fault) -> None:
        """End every call that waits."""
        calls = list(self._calls)
        self._calls.clear()
        for call in calls:
            call.fail(fault)
