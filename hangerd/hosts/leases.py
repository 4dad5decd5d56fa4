"""Who holds a host: leases, each until it is released or its time has passed without a renewal."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Leases:
    """`tokens` names them; `changed` is called when one comes or goes. Times in seconds."""

    def __init__(
        self, clock: IReactorTime, tokens: Callable[[], str], changed: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._tokens = tokens
        self._changed = changed
        self._held: dict[str, IDelayedCall | None] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, lease: str) -> bool:
        return lease in self._held

    def acquire(self, ttl: float | None = None) -> str:
        """Return a new lease: for `ttl` seconds, or until it is released."""
        lease = self._tokens()
        self._held[lease] = None if ttl is None else self._expiring(lease, ttl)
        self._changed()
        return lease

    def renew(self, lease: str, ttl: float) -> bool:
        """Hold it for `ttl` seconds from now; return whether it was still there."""
        if lease not in self._held:
            return False
        self._stop(lease)
        self._held[lease] = self._expiring(lease, ttl)
        return True

    def release(self, lease: str) -> bool:
        """Let it go; return whether it was still there."""
        if lease not in self._held:
            return False
        self._stop(lease)
        del self._held[lease]
        self._changed()
        return True

    def clear(self) -> None:
        """Let all go."""
        for lease in list(self._held):
            self.release(lease)

    def _expiring(self, lease: str, ttl: float) -> IDelayedCall:
        return self._clock.callLater(ttl, self.release, lease)

    def _stop(self, lease: str) -> None:
        timer = self._held[lease]
        if timer is not None and timer.active():
            timer.cancel()
