"""The states of one seat of a host, and which move leads where: a table for Automat.

It knows no processes and no wall time, and decides nothing: Lifecycle chooses the move.
There is one timer; leaving a state cancels it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol

from automat import TypeMachineBuilder


class State(enum.Enum):
    """Where a seat is; the values are what the API shows."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    STOPPING = "stopping"
    BACKING_OFF = "backing off"
    FAILED = "failed"


class Timer(Protocol):
    """A call that will come."""

    def cancel(self) -> None:
        """Call it off."""
        ...

    def active(self) -> bool:
        """Whether it has neither come nor been called off."""
        ...


class Clock(Protocol):
    """What Twisted's reactors and its fake clock have."""

    def seconds(self) -> float:
        """The time, in seconds."""
        ...

    def callLater(self, delay: float, callable: Callable[[], None]) -> Timer:
        """Call after `delay` seconds."""
        ...


class Body(Protocol):
    """What acts for the lifecycle, and tells it of each generation: ready, drained, exited."""

    def launch(self, generation: int) -> None:
        """Start a process. It must end in `exited`, whatever happens."""
        ...

    def drain(self, generation: int) -> None:
        """Take no more calls, and tell `drained` when none is in flight."""
        ...

    def halt(self, generation: int, hard: bool) -> None:
        """End the process and all it started; `hard` means at once, without asking it."""
        ...


class Moves(Protocol):
    """The inputs of the machine. Lifecycle decides which one; the machine knows where it leads."""

    def launch(self) -> None:
        """Begin a new generation."""

    def rise(self) -> None:
        """Take calls."""

    def drain(self, seconds: float) -> None:
        """Take no more calls, for so long."""

    def halt(self, hard: bool) -> None:
        """End it."""

    def rest(self) -> None:
        """Stay down."""

    def wait(self, seconds: float) -> None:
        """Stay down for so long."""

    def fail(self) -> None:
        """Stay down until a reset."""


class Core:
    """What the machine's outputs act on: the body, the one timer, and the numbers."""

    def __init__(
        self, body: Body, clock: Clock, start_timeout: float, expired: Callable[[], None]
    ) -> None:
        self.body = body
        self.clock = clock
        self.start_timeout = start_timeout
        self.expired = expired
        self.state = State.STOPPED
        self.generation = 0
        self._timer: Timer | None = None

    def enter(self, state: State, timer: float | None = None) -> None:
        """Leave the state before with its timer; `timer` seconds later `expired` is called."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self.state = state
        self._timer = None if timer is None else self.clock.callLater(timer, self.expired)


_builder = TypeMachineBuilder(Moves, Core)
_stopped = _builder.state(State.STOPPED.value)
_starting = _builder.state(State.STARTING.value)
_ready = _builder.state(State.READY.value)
_draining = _builder.state(State.DRAINING.value)
_stopping = _builder.state(State.STOPPING.value)
_backing_off = _builder.state(State.BACKING_OFF.value)
_failed = _builder.state(State.FAILED.value)


@_stopped.upon(Moves.launch).to(_starting)
@_failed.upon(Moves.launch).to(_starting)
@_backing_off.upon(Moves.launch).to(_starting)
@_draining.upon(Moves.launch).to(_starting)
@_stopping.upon(Moves.launch).to(_starting)
def _launch(moves: Moves, core: Core) -> None:
    core.generation += 1
    core.enter(State.STARTING, core.start_timeout)
    core.body.launch(core.generation)


@_starting.upon(Moves.rise).to(_ready)
def _rise(moves: Moves, core: Core) -> None:
    core.enter(State.READY)


@_ready.upon(Moves.drain).to(_draining)
def _drain(moves: Moves, core: Core, seconds: float) -> None:
    core.enter(State.DRAINING, seconds)
    core.body.drain(core.generation)


@_starting.upon(Moves.halt).to(_stopping)
@_ready.upon(Moves.halt).to(_stopping)
@_draining.upon(Moves.halt).to(_stopping)
@_stopping.upon(Moves.halt).loop()
def _halt(moves: Moves, core: Core, hard: bool) -> None:
    core.enter(State.STOPPING)
    core.body.halt(core.generation, hard)


@_starting.upon(Moves.rest).to(_stopped)
@_ready.upon(Moves.rest).to(_stopped)
@_draining.upon(Moves.rest).to(_stopped)
@_stopping.upon(Moves.rest).to(_stopped)
@_backing_off.upon(Moves.rest).to(_stopped)
@_failed.upon(Moves.rest).to(_stopped)
def _rest(moves: Moves, core: Core) -> None:
    core.enter(State.STOPPED)


@_starting.upon(Moves.wait).to(_backing_off)
@_ready.upon(Moves.wait).to(_backing_off)
@_stopping.upon(Moves.wait).to(_backing_off)
def _wait(moves: Moves, core: Core, seconds: float) -> None:
    core.enter(State.BACKING_OFF, seconds)


@_starting.upon(Moves.fail).to(_failed)
@_ready.upon(Moves.fail).to(_failed)
@_stopping.upon(Moves.fail).to(_failed)
def _fail(moves: Moves, core: Core) -> None:
    core.enter(State.FAILED)


build_moves = _builder.build()
