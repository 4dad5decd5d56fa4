"""A seat of a host: one instance after the other, as its lifecycle says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from hangerd.hosts.faults import Fault
from hangerd.hosts.instance import Instance
from hangerd.hosts.lifecycle import Lifecycle
from hangerd.hosts.machine import State
from hangerd.hosts.restarts import Exit, History
from hangerd.hosts.roles import InstanceOwner
from hangerd.hosts.spec import Spec

MakeInstance = Callable[[Spec, InstanceOwner], Instance]


class SeatOwner(Protocol):
    """Who is told of a seat."""

    def seat_changed(self, seat: Seat, state: State) -> None:
        """Take note of its new state."""
        ...

    def seat_eased(self, seat: Seat) -> None:
        """Take note: a call of it has ended, or its direct connections have changed."""
        ...

    def seat_sources(self, seat: Seat, paths: list[str]) -> None:
        """Take note of the files that it was loaded from."""
        ...


class Seat:
    """The body of a lifecycle. Its spec never changes: a new spec gets a new seat."""

    def __init__(
        self,
        spec: Spec,
        make: MakeInstance,
        clock: IReactorTime,
        random: Callable[[], float],
        owner: SeatOwner,
    ) -> None:
        self.spec = spec
        self._make = make
        self._clock = clock
        self._owner = owner
        self.life = Lifecycle(
            self, History(spec.policy, random), clock, spec.start_timeout, self._changed
        )
        self.instance: Instance | None = None
        self.fault: Fault | None = None
        self.born_dead = False  # whether the last instance ended before it was ready

    @property
    def state(self) -> State:
        """Return the state of its lifecycle."""
        return self.life.state

    @property
    def load(self) -> int:
        """Return how many calls its instance has."""
        return 0 if self.instance is None else self.instance.in_flight

    @property
    def used(self) -> bool:
        """Return whether a call or a direct connection holds it."""
        instance = self.instance
        return instance is not None and (instance.in_flight > 0 or instance.direct_connections > 0)

    @property
    def has_room(self) -> bool:
        """Return whether it may be given a call."""
        instance = self.instance
        return instance is not None and instance.has_room and self.state is State.READY

    def stop(self, drain: float) -> None:
        """Stop; calls in flight have `drain` seconds."""
        self.life.stop(drain if self.used else 0.0)

    def launch(self, generation: int) -> None:
        """Start an instance, for the lifecycle."""
        self.instance = self._make(self.spec, self)
        self.instance.start()

    def drain(self, generation: int) -> None:
        """Take no more calls, for the lifecycle."""
        if self.instance is not None:
            self.instance.drain()
        if not self.used:
            self._clock.callLater(0, self.life.drained, generation)

    def halt(self, generation: int, hard: bool) -> None:
        """End the instance, for the lifecycle; half of the grace went into the drain."""
        if self.instance is not None:
            self.instance.end(0.0 if hard else self.spec.stop_grace / 2)

    def instance_ready(self, instance: Instance) -> None:
        """Tell the lifecycle."""
        if instance is self.instance:
            self.fault = None
            self.life.became_ready(self.life.generation)

    def instance_eased(self, instance: Instance) -> None:
        """See whether a drain is done."""
        if self.state is State.DRAINING and not self.used:
            self.life.drained(self.life.generation)
        self._owner.seat_eased(self)

    def instance_hung(self, instance: Instance, reason: str) -> None:
        """Have another one instead."""
        self.life.replace(reason)

    def instance_sources(self, instance: Instance, paths: list[str]) -> None:
        """Pass it on."""
        self._owner.seat_sources(self, paths)

    def instance_gone(self, instance: Instance, how: Exit) -> None:
        """Tell the lifecycle, and keep why."""
        self.born_dead = instance.ready is None
        self.fault = instance.death()
        self.instance = None
        self.life.exited(self.life.generation, how)

    def _changed(self, state: State) -> None:
        self._owner.seat_changed(self, state)
