"""Who is told what: the roles that a connection and an instance speak to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from hangerd.hosts.faults import Fault
from hangerd.hosts.restarts import Exit
from hangerd.hosts.wire import Frame

if TYPE_CHECKING:
    from hangerd.hosts.instance import Instance


class Listener(Protocol):
    """Who made a call. Gets its frames piece by piece, the last one ends it."""

    def call_answered(self, frame: Frame) -> None:
        """Take a piece of a result, item or fault, or the end."""
        ...

    def call_lost(self, fault: Fault) -> None:
        """Take note: the instance ended before the call did."""
        ...

    def call_unread(self) -> bool:
        """Go elsewhere: the instance ended and has never read the call. False: it cannot."""
        ...


class LinkOwner(Protocol):
    """Who is told of what concerns the whole instance."""

    def link_ready(self, said: Mapping[str, Any]) -> None:
        """Take the payload of `ready`."""
        ...

    def link_watch(self, paths: list[str]) -> None:
        """Take paths that were loaded since."""
        ...

    def link_fault(self, code: object, payload: bytes) -> None:
        """Take a fault of the whole process."""
        ...

    def link_direct(self, connections: int, calls: int) -> None:
        """Take the number of direct connections, and of calls through them since the start."""
        ...

    def link_draining(self) -> None:
        """Take note: it takes no more calls, and will end by itself."""
        ...

    def link_call_ended(self) -> None:
        """Take note: a call is over, on both sides."""
        ...

    def link_call_hung(self, reason: str) -> None:
        """Take note: a cancelled call did not end in time."""
        ...

    def link_lost(self, reason: str, lost: list[Listener], unread: list[Listener]) -> None:
        """Take note: the connection is gone. Owe these a `call_lost`, or a `call_unread`."""
        ...


class Abandoned:
    """Listens to a cancelled call, whose answers nobody wants."""

    def call_answered(self, frame: Frame) -> None:
        """Drop it."""

    def call_lost(self, fault: Fault) -> None:
        """Drop it."""

    def call_unread(self) -> bool:
        """Drop it."""
        return True


class InstanceOwner(Protocol):
    """Who is told what happens to an instance. None of it comes from inside `start`."""

    def instance_ready(self, instance: Instance) -> None:
        """Take note: it can be called."""
        ...

    def instance_eased(self, instance: Instance) -> None:
        """Take note: a call of it has ended, or its direct connections have changed."""
        ...

    def instance_hung(self, instance: Instance, reason: str) -> None:
        """Take note: it does not do what it must."""
        ...

    def instance_sources(self, instance: Instance, paths: list[str]) -> None:
        """Take note: it was loaded from these files (too)."""
        ...

    def instance_gone(self, instance: Instance, how: Exit) -> None:
        """Take note: nothing of it is left."""
        ...
