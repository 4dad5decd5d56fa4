"""The service tree: started in one order, stopped one by one in another, and in bounded time.

MultiService alone stops all children at once and waits for ever for the slowest.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from twisted.application.service import IService, MultiService, Service
from twisted.internet.defer import Deferred, TimeoutError, inlineCallbacks, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import ILogObserver, Logger


class ServiceTree(MultiService):
    """Services that stop in their given order, all together within `timeout` seconds."""

    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        stop_order: Sequence[IService],
        timeout: float,
        log_observer: ILogObserver | None = None,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._stop_order = stop_order
        self._timeout = timeout
        self._log_observer = log_observer

    def setServiceParent(self, parent: Any) -> None:
        """Join an application; it is told of our log, for that is where twistd looks for one."""
        super().setServiceParent(parent)
        if self._log_observer is not None:
            parent.setComponent(ILogObserver, self._log_observer)

    @inlineCallbacks
    def stopService(self) -> Generator[Deferred[Any], Any, None]:
        """Stop each service when the one before has stopped; at the deadline, go on regardless."""
        Service.stopService(self)
        deadline = self._clock.seconds() + self._timeout
        for service in self._stop_order:
            left = max(0.0, deadline - self._clock.seconds())
            try:
                yield maybeDeferred(service.stopService).addTimeout(left, self._clock)
            except TimeoutError:
                self._log.warn("{name} did not stop in time", name=service.name)
            except Exception:
                self._log.failure("{name} failed to stop", name=service.name)
