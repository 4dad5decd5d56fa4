"""One running program of a host: its process, its connection, its calls, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from hangerd.hosts.calls import Call
from hangerd.hosts.errors import LaunchError, WireError
from hangerd.hosts.faults import Fault, read_fault
from hangerd.hosts.launch import Launched, Launcher, first_words
from hangerd.hosts.link import Link
from hangerd.hosts.log import HostLog
from hangerd.hosts.probe import LogProbe, Prober
from hangerd.hosts.process import Stream
from hangerd.hosts.pulse import Pulse
from hangerd.hosts.restarts import Exit
from hangerd.hosts.roles import InstanceOwner, Listener
from hangerd.hosts.sending import Reading
from hangerd.hosts.spec import Spec
from hangerd.hosts.wire import json_payload, parse_json

LAST_WORDS: Final = 0.05  # seconds in which the stderr of an ended program is still read
PATIENCE: Final = 10.0  # seconds after which an idle instance that does not answer a ping has hung

SILENT: Final = "it does not answer"


class Instance:
    """Belongs to one generation of a seat. `number` counts the instances of a host."""

    def __init__(
        self,
        host: str,
        number: int,
        spec: Spec,
        *,
        launcher: Launcher,
        log: HostLog,
        clock: IReactorTime,
        owner: InstanceOwner,
        checkpoint: str | None,
        reading: Reading,
    ) -> None:
        self.host = host
        self.number = number
        self.spec = spec
        self.link = Link(self, clock, spec.cancel_grace, reading)
        self._launcher = launcher
        self._log = log
        self._clock = clock
        self._owner = owner
        self._checkpoint = checkpoint
        self._concurrency = spec.concurrency
        self._launched: Launched | None = None
        self._prober: Prober | None = None
        self._log_probe: LogProbe | None = None
        self._timers: list[IDelayedCall] = []
        self._owed: list[Listener] = []
        self._link_open = False
        self._asked_to_end = False
        self._leaving = False
        self._exit: Exit | None = None
        self.fault: Fault | None = None
        self.ready: Mapping[str, Any] | None = None
        self.started = clock.seconds()
        self.pid: int | None = None
        self.calls = 0
        self.direct_connections = 0
        self.direct_calls = 0
        self.pulse = Pulse(
            self.link.ping, self._patience, clock, lambda: owner.instance_hung(self, SILENT)
        )

    @property
    def functions(self) -> tuple[str, ...]:
        """Return the names that can be called."""
        return tuple((self.ready or {}).get("functions", ()))

    @property
    def in_flight(self) -> int:
        """Return how many calls it has not let go of."""
        return self.link.in_flight

    @property
    def has_room(self) -> bool:
        """Return whether it may be given a call."""
        if self.ready is None or self._leaving or not self._link_open or self._exit is not None:
            return False
        return self.link.has_room(self._concurrency)

    @property
    def direct(self) -> str | None:
        """Return the path of its direct socket."""
        path = None if self._launched is None else self._launched.direct
        return None if path is None else str(path)

    def start(self) -> None:
        """Start the program. It ends in `instance_gone`, whatever happens."""
        callable_ = self.spec.callable
        self._log.note(self.number, "starting")
        try:
            self._launched = self._launcher.launch(
                self.host, self.number, self.spec, self, self.link if callable_ else None
            )
        except LaunchError as error:
            self.fault = Fault("start", "LaunchError", f"{error.message}. {error.remedy}")
            self._later(0, self.process_gone, Exit(error=error.message))
            return
        if callable_:
            self._link_open = True
            told = first_words(self.host, self.number, self.spec, self._checkpoint)
            self.link.send({"op": "start"}, json_payload(told))

    def take(self, call: Call) -> None:
        """Send a call to it."""
        self.calls += 1
        call.send_to(self)

    def drain(self) -> None:
        """Let direct callers know; the owner sends no more calls."""
        self._asked_to_end = True
        self.link.send({"op": "drain"})

    def ticket(self, ticket: str, ttl: float) -> None:
        """Let one direct connection in, within `ttl` seconds."""
        self.link.send({"op": "ticket", "ticket": ticket, "ttl": ttl})

    def end(self, grace: float) -> None:
        """End it within `grace` seconds: its hook, then TERM, then KILL to all it started."""
        self._asked_to_end = True
        self._stop_timers()
        if self._launched is None:
            return
        if grace <= 0:
            self._launched.process.end(0)
        elif self._link_open and self.ready is not None:
            self.link.send({"op": "stop", "grace": round(grace / 2, 3)})
            self._later(grace / 2, self._launched.process.end, grace / 2)
        else:
            self._launched.process.end(grace)

    def process_started(self, pid: int) -> None:
        """Note the pid; a command is ready now, or when its probe says so."""
        self.pid = pid
        if self.spec.callable:
            return
        probe = self.spec.probe
        if probe is None:
            self._became_ready({})
        elif probe.log is not None:
            self._log_probe = LogProbe(probe.log, lambda: self._became_ready({}))
        else:
            check = self._launcher.check(self.host, self.number, self.spec)
            self._prober = Prober(
                check, probe.interval, self._clock, lambda: self._became_ready({})
            )
            self._prober.start()

    def process_wrote(self, stream: Stream, data: bytes) -> None:
        """Keep its output."""
        self._log.write(self.number, stream, data)
        if self._log_probe is not None:
            self._log_probe.saw(stream, data)

    def process_ended(self, how: Exit) -> None:
        """Tell the calls, once its last words are read."""
        self._exit = how
        self._stop_timers()
        self._later(LAST_WORDS, self._tell_calls)

    def process_gone(self, how: Exit) -> None:
        """Tell the calls and the owner."""
        self._exit = how
        self._stop_timers()
        self._log.ended(self.number)
        self._log.note(self.number, f"ended: {how}")
        if self._launched is not None:
            self._launcher.forget(self._launched)
        self._tell_calls()
        self.link.close()
        self._owner.instance_gone(self, how)

    def link_ready(self, said: Mapping[str, Any]) -> None:
        """Note what it can do."""
        functions = said.get("functions")
        if self.ready is not None or not isinstance(functions, list):
            raise WireError("ready came twice, or without functions")
        self._became_ready(said)
        self.link_watch(said.get("watch") or [])

    def _became_ready(self, said: Mapping[str, Any]) -> None:
        if self._asked_to_end or self._exit is not None:
            return
        self.ready = said
        self._log.note(self.number, "ready")
        if self.spec.callable and self.spec.inspect is None:
            self.pulse.start()
        self._owner.instance_ready(self)

    def link_watch(self, paths: list[str]) -> None:
        """Pass on what it was loaded from."""
        if paths:
            self._owner.instance_sources(self, [str(path) for path in paths])

    def link_fault(self, code: object, payload: bytes) -> None:
        """Keep why the whole process fails."""
        self.fault = read_fault(code, payload).at(self.host, self.number)
        self._log.note(self.number, f"{self.fault.type}: {self.fault.message}")
        self.link_watch(parse_json(payload).get("watch") or [])

    def link_direct(self, connections: int, calls: int) -> None:
        """Note the direct connections, which hold the host."""
        self.direct_connections = connections
        self.direct_calls = calls
        self._owner.instance_eased(self)

    def link_draining(self) -> None:
        """Give it no more calls: they wait for the process that comes after it."""
        self._leaving = True

    def link_call_ended(self) -> None:
        """There is room for another call."""
        self._owner.instance_eased(self)

    def link_call_hung(self, reason: str) -> None:
        """Report it: a cancelled call holds on to it."""
        self._owner.instance_hung(self, f"a cancelled call did not end ({reason})")

    def link_lost(self, reason: str, lost: list[Listener], unread: list[Listener]) -> None:
        """Without its socket a runner ends; the calls wait for how it did.

        What it has not read goes elsewhere, unless it was asked to end, and the calls with it.
        """
        self._link_open = False
        self._owed.extend(lost)
        self._owed.extend(one for one in unread if self._asked_to_end or not one.call_unread())
        if self._exit is not None:
            self._tell_calls()
        elif self._launched is not None:
            self._launched.process.end(min(1.0, self.spec.stop_grace))

    def death(self) -> Fault:
        """Return the fault of a call that it took along, or of a start that failed."""
        known = self.fault
        code = "start" if self.ready is None else "died"
        said = known or Fault(code, "HostDied", f"{self.host} ended: {self._exit or 'no status'}")
        return Fault(
            code=code,
            type=said.type,
            message=said.message,
            stack=said.stack,
            cause=said.cause,
            host=self.host,
            instance=self.number,
            exit=None if self._exit is None else str(self._exit),
            stderr_tail=self._log.stderr_tail(self.number),
        )

    def _tell_calls(self) -> None:
        owed, self._owed = self._owed, []
        if owed:
            fault = self.death()
            for listener in owed:
                listener.call_lost(fault)

    def _patience(self) -> float | None:
        """Return for how long a ping may be unanswered: a call may hold the loop up to its end."""
        if not self.in_flight:
            return PATIENCE
        if not self.spec.call_timeout:
            return None
        return PATIENCE + self.spec.call_timeout + self.spec.cancel_grace

    def _later(self, seconds: float, what: Any, *args: Any) -> None:
        """Call later, unless it ends before."""
        self._timers = [timer for timer in self._timers if timer.active()]
        self._timers.append(self._clock.callLater(seconds, what, *args))

    def _stop_timers(self) -> None:
        for timer in self._timers:
            if timer.active():
                timer.cancel()
        self._timers = []
        self.pulse.stop()
        if self._prober is not None:
            self._prober.stop()
