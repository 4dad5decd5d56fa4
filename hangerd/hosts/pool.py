"""The seats of a host: which of them a call goes to, who waits, and how new ones take over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from twisted.internet.defer import Deferred

from hangerd.hosts.calls import Call
from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.instance import Instance
from hangerd.hosts.machine import State
from hangerd.hosts.queue import CallQueue
from hangerd.hosts.seat import Seat, SeatOwner
from hangerd.hosts.spec import Spec
from hangerd.hosts.waiters import Waiters

MakeSeat = Callable[[Spec, SeatOwner], Seat]

_RUNNING: Final = (State.STARTING, State.READY, State.BACKING_OFF)
_RETRY_AFTER: Final = 1.0  # seconds told to who finds the queue full


class PoolOwner(Protocol):
    """Who is told of the pool as a whole."""

    def pool_changed(self) -> None:
        """Take note: a seat has changed, or a call has come or gone."""
        ...

    def pool_sources(self, paths: list[str]) -> None:
        """Take note of files that a seat was loaded from."""
        ...

    def pool_renewed(self, fault: Fault | None) -> None:
        """Take note: new seats have taken over, or could not because of `fault`."""
        ...


class Pool:
    """Seats now, seats that are to take over, and seats that finish their calls."""

    def __init__(self, spec: Spec, make: MakeSeat, owner: PoolOwner) -> None:
        self.spec = spec
        self._make = make
        self._owner = owner
        self.seats = self._new_seats(spec, spec.instances)
        self.coming: list[Seat] = []
        self.leaving: list[Seat] = []
        self._replaced: list[Seat] = []
        self.queue = CallQueue(spec.queue)
        self._waiters: Waiters[Instance] = Waiters()
        self._all_gone: Waiters[None] = Waiters()
        self._start_when_gone = False
        self._renewals: Waiters[None] = Waiters()

    def _new_seats(self, spec: Spec, count: int) -> list[Seat]:
        return [self._make(spec, self) for _ in range(count)]

    @property
    def every(self) -> list[Seat]:
        """Return all seats, whatever part they have."""
        return [seat for seats in self._parts for seat in seats]

    @property
    def _parts(self) -> tuple[list[Seat], ...]:
        return self.seats, self.coming, self.leaving

    @property
    def alive(self) -> bool:
        """Return whether some seat has a process, or will have one by itself."""
        return any(seat.state not in (State.STOPPED, State.FAILED) for seat in self.every)

    @property
    def ready(self) -> list[Seat]:
        """Return the seats that take calls, the least loaded first."""
        ready = [seat for seat in self.seats if seat.state is State.READY]
        return sorted(ready, key=lambda seat: seat.load)

    @property
    def used(self) -> bool:
        """Return whether a call waits or is under way."""
        if self.queue or self._waiters:
            return True
        for seats in self._parts:  # asked after every call
            for seat in seats:
                if seat.used:
                    return True
        return False

    def submit(self, call: Call) -> None:
        """Give a call to the least loaded instance, or let it wait and start the host."""
        instance = None if self.queue else self._roomiest()
        if instance is not None:
            instance.take(call)
            return
        fault = self._refusal()
        if fault is not None:
            call.fail(fault)
        elif self.queue.add(call, _RETRY_AFTER):
            self.start()

    def take_back(self, call: Call) -> None:
        """Send a call elsewhere that its instance has never read; it has waited longest."""
        fault = self._refusal()
        if fault is not None:
            call.fail(fault)
            return
        self.queue.put_back(call)
        self.start()
        self._serve()

    def _refusal(self) -> Fault | None:
        """Return the fault of a host that has failed for good."""
        if all(seat.state is State.FAILED for seat in self.seats):
            seat = self.seats[0]
            text = seat.life.reason
            if seat.fault is not None:
                text = f"{text}; {seat.fault.type}: {seat.fault.message}"
            return Fault("failed", "HostFailed", text)
        return None

    def start(self, reset: bool = False) -> None:
        """See to it that the seats run; who holds a port waits for the one before to leave it."""
        if self.leaving and self.spec.alone:
            self._start_when_gone = True
            return
        for seat in self.seats:
            seat.life.start(reset)

    def when_ready(self) -> Deferred[Instance]:
        """Return the least loaded instance, starting the host for it. Fails with CallError."""
        refusal = self._refusal()
        if refusal is not None:
            failed: Deferred[Instance] = Deferred()
            failed.errback(CallError(refusal))
            return failed
        waiter = self._waiters.add()
        self.start()
        self._serve()
        return waiter

    def stop(self, drain: float) -> None:
        """Stop every seat; calls that wait are refused."""
        self._start_when_gone = False
        self._refuse(Fault("stopping", "HostStopped", "the host is being stopped"))
        for seat in self.every:
            seat.stop(drain)

    def when_gone(self) -> Deferred[None]:
        """Return when no process is left."""
        gone = self._all_gone.add()
        self._tell_gone()
        return gone

    def when_renewed(self) -> Deferred[None]:
        """Return when the next renewal is over; fails with CallError when the old ones stay."""
        return self._renewals.add()

    def _renewed(self, fault: Fault | None) -> None:
        if fault is None:
            self._renewals.tell(None)
        else:
            self._renewals.fail(CallError(fault))
        self._owner.pool_renewed(fault)

    def renew(self, spec: Spec, old: list[Seat] | None = None) -> None:
        """Let new seats of `spec` take over from `old` (all, when None), without a gap if possible.

        Seats that are not ready, and those that may hold a port, are stopped first.
        """
        self._give_up_coming()
        self.spec = spec
        self.queue.limit = spec.queue
        replaced = list(self.seats) if old is None else old
        count = spec.instances if old is None else len(old)
        new = self._new_seats(spec, count)
        if any(seat.state is State.READY for seat in replaced) and not spec.alone:
            self._replaced, self.coming = replaced, new
            for seat in new:
                seat.life.start()
            return
        was_running = any(seat.state in _RUNNING for seat in replaced)
        self._switch(replaced, new)
        if was_running or self.queue or self._waiters:
            self.start()

    def _switch(self, old: list[Seat], new: list[Seat]) -> None:
        """Put new seats in the place of old ones, which finish their calls."""
        self.seats = [seat for seat in self.seats if seat not in old] + new
        self.coming, self._replaced = [], []
        for seat in old:
            self.leaving.append(seat)
            seat.stop(self.spec.call_timeout + self.spec.cancel_grace if seat.used else 0.0)
            self._left(seat)
        self._renewed(None)
        self._serve()

    def _give_up_coming(self) -> None:
        coming, self.coming, self._replaced = self.coming, [], []
        for seat in coming:
            self.leaving.append(seat)
            seat.stop(0.0)
            self._left(seat)

    def seat_changed(self, seat: Seat, state: State) -> None:
        """Act on the new state of a seat."""
        if seat in self.coming:
            self._coming_changed(seat, state)
        elif seat in self.leaving:
            self._left(seat)
        elif state is State.READY:
            self._serve()
        elif state in (State.STOPPED, State.FAILED, State.BACKING_OFF):
            self._fell(seat, state)
        self._owner.pool_changed()
        self._tell_gone()

    def _coming_changed(self, seat: Seat, state: State) -> None:
        """Switch when all are ready; keep the old ones when one cannot be started."""
        if all(each.state is State.READY for each in self.coming):
            self._switch(self._replaced, self.coming)
        elif state in (State.STOPPED, State.FAILED, State.BACKING_OFF):
            fault = seat.fault
            self._give_up_coming()
            self._renewed(fault or Fault("start", "HostDied", "the new instance ended"))

    def _fell(self, seat: Seat, state: State) -> None:
        """Tell who waits that the start failed; or start again for them."""
        others = (State.STARTING, State.READY, State.DRAINING, State.STOPPING)
        if any(each.state in others for each in self.seats):
            return
        if seat.born_dead and seat.fault is not None:
            seat.born_dead = False
            self._refuse(seat.fault)
        elif state is State.FAILED:
            self._refuse(self._refusal() or Fault("failed", "HostFailed", seat.life.reason))
        elif state is State.STOPPED and (self.queue or self._waiters):
            self.start()

    def _refuse(self, fault: Fault) -> None:
        self.queue.fail_all(fault)
        self._waiters.fail(CallError(fault))

    def _left(self, seat: Seat) -> None:
        if seat.state in (State.STOPPED, State.FAILED) and seat in self.leaving:
            self.leaving.remove(seat)

    def seat_eased(self, seat: Seat) -> None:
        """Give room to who waits."""
        self._serve()
        self._owner.pool_changed()

    def seat_sources(self, seat: Seat, paths: list[str]) -> None:
        """Pass it on."""
        self._owner.pool_sources(paths)

    def _serve(self) -> None:
        """Send what waits, as long as there is room."""
        if self._waiters and (ready := self.ready):
            assert ready[0].instance is not None  # noqa: S101 - it is ready
            self._waiters.tell(ready[0].instance)
        while self.queue:
            instance = self._roomiest()
            if instance is None:
                return
            instance.take(self.queue.next())

    def _roomiest(self) -> Instance | None:
        """Return the least loaded instance that takes a call. Asked for every call."""
        for seat in self.seats if len(self.seats) == 1 else self.ready:
            if seat.has_room:
                return seat.instance
        return None

    def _tell_gone(self) -> None:
        if self.alive:
            return
        if self._start_when_gone:
            self._start_when_gone = False
            self.start()
        else:
            self._all_gone.tell(None)
