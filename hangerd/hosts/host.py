"""One host by its name: calls go in here, and it is decided when it starts, rests, reloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from hangerd.hosts.calls import Call, Caller, Request
from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.instance import Instance
from hangerd.hosts.launch import Launcher
from hangerd.hosts.leases import Leases
from hangerd.hosts.log import HostLog
from hangerd.hosts.pool import Pool
from hangerd.hosts.recycling import Recycling
from hangerd.hosts.replies import Collector, Reply, Stream
from hangerd.hosts.roles import InstanceOwner
from hangerd.hosts.seat import Seat, SeatOwner
from hangerd.hosts.sending import Reading
from hangerd.hosts.sources import Sources
from hangerd.hosts.spec import Spec
from hangerd.hosts.statistics import Statistics
from hangerd.timetable import Timetable

TICKET_TTL: Final = 30.0  # seconds
_UPKEEP: Final = 1.0  # seconds between looks at age, calls and memory


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every host of a daemon shares. `random` gives 0 to 1, `tokens` unguessable texts."""

    clock: IReactorTime
    launcher: Launcher
    random: Callable[[], float]
    tokens: Callable[[], str]
    checkpoint: Callable[[str], str]
    recycling: Recycling
    reading: Reading


class Host:
    """Starts when it is needed and stops when nobody needs it."""

    def __init__(self, name: str, spec: Spec, log: HostLog, around: Surroundings) -> None:
        self.name = name
        self.log = log
        self.statistics = Statistics(self._has_function)
        self._around = around
        self._clock = around.clock
        self._deadlines = Timetable(around.clock)
        self._numbers = 0
        self._idle_timer: IDelayedCall | None = None
        self._quiet_since = 0.0  # the last change: a call that ended, a lease, a new state
        self._upkeep_timer: IDelayedCall | None = None
        self._was_leased = False
        self.reload_fault: Fault | None = None
        self.listening: str | None = None  # where the listener of its own is, if it has one
        self.leases = Leases(self._clock, around.tokens, self._leases_changed)
        self.sources = Sources(self._clock, self._edited)
        self.pool = Pool(spec, self._make_seat, self)

    @property
    def spec(self) -> Spec:
        """Return what it is."""
        return self.pool.spec

    @property
    def used(self) -> bool:
        """Whether it is held or called, or does work of its own: a command that runs."""
        works = not self.spec.callable and self.pool.alive
        return bool(self.leases) or self.pool.used or works

    def _make_seat(self, spec: Spec, owner: SeatOwner) -> Seat:
        return Seat(spec, self._make_instance, self._clock, self._around.random, owner)

    def _make_instance(self, spec: Spec, owner: InstanceOwner) -> Instance:
        self._numbers += 1
        return Instance(
            self.name,
            self._numbers,
            spec,
            launcher=self._around.launcher,
            log=self.log,
            clock=self._clock,
            owner=owner,
            checkpoint=self._around.checkpoint(self.name) if spec.checkpoint else None,
            reading=self._around.reading,
        )

    def call(self, request: Request) -> Deferred[Reply | Stream]:
        """Call a function; fails with CallError. Cancelling gives the call up."""
        result: Deferred[Reply | Stream] = Deferred(lambda _: collector.cancel())
        collector = self.ask(request, result.callback, result.errback)
        return result

    def ask(
        self,
        request: Request,
        came: Callable[[Reply | Stream], object],
        failed: Callable[[CallError], object],
    ) -> Collector:
        """Call a function for who is told by `came` or `failed`, perhaps at once.

        This is `call` without a Deferred, which takes as long as the rest of a call's way to its
        instance. Neither may raise anything.
        """
        collector = Collector(request.window, came, failed)
        call = self._make_call(request, collector)
        collector.begin(call)
        self._submit(call)
        return collector

    def relay(self, request: Request, caller: Caller) -> Call:
        """Call a function for a caller who takes the frames as they come."""
        call = self._make_call(request, caller)
        self._submit(call)
        return call

    def _make_call(self, request: Request, caller: Caller) -> Call:
        if self.pool.spec.inspect is not None:
            request = replace(request, timeout=None)
        return Call(
            self.name, request, caller, self._deadlines, self._call_over, self.pool.take_back
        )

    def _submit(self, call: Call) -> None:
        spec, request = self.pool.spec, call.request
        pickled = request.type == "pickle" or request.accept == "pickle"
        if not spec.callable:
            what = f"{self.name} is a command, which has no functions"
            call.fail(Fault("no_function", "NoFunction", what))
        elif pickled and not spec.pickle:
            call.fail(Fault("pickle", "PickleRefused", f"{self.name} takes no pickles"))
        else:
            self.pool.submit(call)

    def _call_over(self, call: Call, seconds: float, fault: Fault | None) -> None:
        self.statistics.add(call.request.function, seconds, None if fault is None else fault.code)
        if not call.sent and self.pool.queue.drop(call):  # else its instance tells of it
            self.pool_changed()

    def _has_function(self, name: str) -> bool:
        instances = (seat.instance for seat in self.pool.every)
        return any(one is not None and name in one.functions for one in instances)

    def start(self) -> Deferred[Instance]:
        """Start it, also from failed; return when an instance is ready. Fails with CallError."""
        self.pool.start(reset=True)
        return self.pool.when_ready()

    def stop(self) -> Deferred[None]:
        """Stop it; return when nothing of it is left. The next call starts it again."""
        self.leases.clear()
        self.pool.stop(self.spec.stop_grace / 2)
        return self.pool.when_gone()

    def kill(self) -> None:
        """Hurry a stop that is under way: end everything at once."""
        for seat in self.pool.every:
            if seat.instance is not None:
                seat.instance.end(0.0)

    def restart(self) -> Deferred[Instance]:
        """Let new instances take over; return when they have, or fail with CallError."""
        renewed = self.pool.when_renewed()
        self.renew(self.spec)
        return renewed.addCallback(lambda _: self.start())

    def renew(self, spec: Spec) -> None:
        """Become what `spec` says, without a failed call if it is running."""
        self.pool.renew(spec)

    def ticket(self) -> Deferred[dict[str, Any]]:
        """Return what a program needs to connect to an instance directly. Fails with CallError."""
        return self.pool.when_ready().addCallback(self._give_ticket)

    def _give_ticket(self, instance: Instance) -> dict[str, Any]:
        ticket = self._around.tokens()
        instance.ticket(ticket, TICKET_TTL)
        return {
            "socket": instance.direct,
            "ticket": ticket,
            "ttl": TICKET_TTL,
            "instance": instance.number,
            "call_timeout": instance.spec.call_timeout,
        }

    def close(self) -> None:
        """Leave no timer behind; to be called when everything has stopped."""
        self.leases.clear()
        self.sources.stop()
        self._deadlines.stop()
        for timer in (self._idle_timer, self._upkeep_timer):
            if timer is not None:
                timer.cancel()
        self._idle_timer = self._upkeep_timer = None
        self.log.close()

    def pool_changed(self) -> None:
        """Count idle time from now. A timer that runs is left alone: calls are many."""
        self._quiet_since = self._clock.seconds()
        if self._idle_timer is None and self._is_idle():
            self._idle_timer = self._clock.callLater(self.spec.idle_timeout, self._rest)
        if self._upkeep_timer is None and self.pool.alive:
            self._upkeep_timer = self._clock.callLater(_UPKEEP, self._upkeep)

    def _is_idle(self) -> bool:
        """Return whether a stop is only a matter of time.

        Kept warm are autostarted hosts, and commands that were never leased: nobody can call them.
        """
        if self.leases or self.pool.used:
            return False
        spec = self.spec
        kept = spec.autostart or not (spec.callable or self._was_leased)
        return bool(self.pool.ready) and not kept and spec.idle_timeout > 0

    def _rest(self) -> None:
        """Stop when it has been idle for long enough, or look again when it may have been."""
        self._idle_timer = None
        if not self._is_idle():  # the change that makes it idle sets the timer again
            return
        left = self._quiet_since + self.spec.idle_timeout - self._clock.seconds()
        if left > 0:
            self._idle_timer = self._clock.callLater(left, self._rest)
        else:
            self.pool.stop(0.0)

    def _leases_changed(self) -> None:
        self._was_leased = True
        self.pool_changed()

    def pool_sources(self, paths: list[str]) -> None:
        """Watch the files that an instance was loaded from."""
        if self.spec.watch is not False:
            extra = () if self.spec.watch is True else self.spec.watch
            self.sources.add([*paths, *extra])

    def pool_renewed(self, fault: Fault | None) -> None:
        """Keep why new instances did not take over."""
        self.reload_fault = fault

    def _edited(self, path: str) -> None:
        self.log.note(self._numbers, f"{path} has changed: reloading")
        self.renew(self.spec)

    def _upkeep(self) -> None:
        """Let a fresh instance take over from one that has served long enough."""
        self._upkeep_timer = None
        now = self._clock.seconds()
        for seat in self.pool.ready:
            if seat.instance is None or self.pool.coming:
                continue
            reason = self._around.recycling.reason(seat.instance, now)
            if reason:
                self.log.note(seat.instance.number, f"is replaced: {reason}")
                self.pool.renew(self.spec, [seat])
        if self.pool.alive:
            self._upkeep_timer = self._clock.callLater(_UPKEEP, self._upkeep)

    def memory(self, instance: Instance) -> int:
        """Return the resident memory of an instance, in bytes."""
        return self._around.recycling.memory(instance)
