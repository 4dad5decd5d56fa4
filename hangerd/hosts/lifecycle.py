"""The life of one seat of a host: start, stop, and what comes after an end that nobody asked for.

It knows no processes and no wall time: it asks a Body to act, and is told what happened to which
generation. A timer belongs to a generation; news of any other is dropped. One start at a time.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from hangerd.hosts.machine import Body, Clock, Core, State, build_moves
from hangerd.hosts.restarts import Exit, GiveUp, History, Retry


class After(enum.Enum):
    """What is to follow once a process that is being stopped has ended."""

    REST = enum.auto()  # somebody asked for the stop
    JUDGE = enum.auto()  # it never became ready: the policy decides
    ANEW = enum.auto()  # it is being replaced, or asked for again


class Lifecycle:
    """Decides; the machine moves; the body acts.

    `changed` is called with the new state after each move. `reason` says why the last start or run
    ended badly, `restarts` counts starts that nobody asked for.
    """

    def __init__(
        self,
        body: Body,
        history: History,
        clock: Clock,
        start_timeout: float,
        changed: Callable[[State], None],
    ) -> None:
        self._history = history
        self._clock = clock
        self._changed = changed
        self._core = Core(body, clock, start_timeout, self._expired)
        self._moves = build_moves(self._core)
        self._after = After.REST
        self._ready_since: float | None = None
        self._told = State.STOPPED
        self.reason = ""
        self.restarts = 0
        self.last_exit: Exit | None = None

    @property
    def state(self) -> State:
        """Return where it is."""
        return self._core.state

    @property
    def generation(self) -> int:
        """Return the number of the newest process, from 1; 0 is none yet."""
        return self._core.generation

    def start(self, reset: bool = False) -> None:
        """See to it that it runs. `reset` forgets its crashes, and starts a failed one too."""
        if reset:
            self._history.forget()
        if self.state is State.STOPPED or (reset and self.state in _IDLE):
            self._moves.launch()
        elif self.state in (State.DRAINING, State.STOPPING):
            self._after = After.ANEW
        self._tell()

    def stop(self, drain: float = 0.0) -> None:
        """See to it that it ends; calls in flight have `drain` seconds. A repeated one hurries."""
        state = self.state
        self._after = After.REST
        if state in _IDLE:
            self._moves.rest()
        elif state is State.READY and drain > 0:
            self._moves.drain(drain)
        elif state is not State.STOPPED:
            self._moves.halt(hard=state is State.STOPPING)
        self._tell()

    def replace(self, reason: str) -> None:
        """End a process that has hung, at once, and start another; not counted as a crash."""
        if self.state in (State.STARTING, State.READY):
            self.reason = reason
            self.restarts += 1
            self._after = After.ANEW
            self._moves.halt(hard=True)
        elif self.state is State.DRAINING:
            self._moves.halt(hard=True)
        self._tell()

    def became_ready(self, generation: int) -> None:
        """Take note: the process of this generation can be called."""
        if generation == self.generation and self.state is State.STARTING:
            self._ready_since = self._clock.seconds()
            self._moves.rise()
            self._tell()

    def drained(self, generation: int) -> None:
        """Take note: no call is in flight any more."""
        if generation == self.generation and self.state is State.DRAINING:
            self._moves.halt(hard=False)
            self._tell()

    def exited(self, generation: int, how: Exit) -> None:
        """Take note: the process and everything that it started is gone."""
        if generation != self.generation or self.state not in _ALIVE:
            return
        self.last_exit = how
        ready_for = self._ready_for()
        asked = self.state in (State.DRAINING, State.STOPPING) and self._after is not After.JUDGE
        after, self._after = self._after, After.REST
        if not asked:
            self._judge(how, ready_for)
        elif after is After.ANEW:
            self._moves.launch()
        else:
            self._moves.rest()
        self._tell()

    def _ready_for(self) -> float:
        """Return for how many seconds the process had been ready, and forget it."""
        since, self._ready_since = self._ready_since, None
        return 0.0 if since is None else self._clock.seconds() - since

    def _judge(self, how: Exit, ready_for: float) -> None:
        """Let the policy say what follows an exit that nobody asked for."""
        if self.state is not State.STOPPING:
            self.reason = f"ended by itself: {how}"
        verdict = self._history.ended(how, self._clock.seconds(), ready_for)
        if isinstance(verdict, Retry):
            self._moves.wait(verdict.delay)
        elif isinstance(verdict, GiveUp):
            self.reason = verdict.reason
            self._moves.fail()
        else:
            self._moves.rest()

    def _expired(self) -> None:
        """Act on the one timer: of a start, a drain or a delay."""
        if self.state is State.STARTING:
            self.reason = f"not ready within {self._core.start_timeout:g} s"
            self._after = After.JUDGE
            self._moves.halt(hard=True)
        elif self.state is State.DRAINING:
            self._moves.halt(hard=False)
        else:
            self.restarts += 1
            self._moves.launch()
        self._tell()

    def _tell(self) -> None:
        """Report the state, once for each change."""
        if self.state is not self._told:
            self._told = self.state
            self._changed(self._told)


_IDLE = (State.BACKING_OFF, State.FAILED)
_ALIVE = (State.STARTING, State.READY, State.DRAINING, State.STOPPING)
