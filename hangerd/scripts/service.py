"""The scripts as a Twisted service: what a request asks for is run in a thread, watched, and ended.

Requests call `run`; what it refuses, it raises at once. Nothing here waits for a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from hangerd.histogram import Histogram
from hangerd.idle import Use
from hangerd.scripts.active import ActiveRun
from hangerd.scripts.asking import Asked
from hangerd.scripts.errors import ScriptRefused, Stopped, TooManyZombies
from hangerd.scripts.extensions import Extensions
from hangerd.scripts.inbox import Inbox
from hangerd.scripts.loop import ScriptLoop
from hangerd.scripts.outcome import Outcome
from hangerd.scripts.pace import Pace
from hangerd.scripts.pool import Pool, PoolStats
from hangerd.scripts.pump import Visitor
from hangerd.scripts.questions import Question
from hangerd.scripts.routing import Routing
from hangerd.scripts.run import Run
from hangerd.scripts.settings import PoolLimits, ScriptSettings
from hangerd.scripts.shared import Globals
from hangerd.scripts.sources import Sources
from hangerd.scripts.surroundings import Shared
from hangerd.scripts.visit import Visit
from hangerd.slots.service import SlotsService


@dataclass
class Totals:
    """Runs since the start, by how they ended; `waits` is how long they waited for a thread."""

    ended: dict[str, int] = field(default_factory=dict)
    written_off: int = 0
    waits: Histogram = field(default_factory=Histogram)


class _Sink:
    """The reactor as one run's threads see it."""

    __slots__ = ("_call", "active")

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self.active: ActiveRun | None = None  # set before any thread has the run, until it is over

    def wake(self) -> None:
        """Have output taken."""
        active = self.active
        if active is not None:
            self._call(active.wake)

    settled = wake  # have the end looked at

    def set_time_limit(self, seconds: float | None) -> None:
        """Have the limit changed."""
        active = self.active
        if active is not None:
            self._call(active.set_time_limit, seconds)

    def forget(self) -> None:
        """Let go of a run that is over; threads of its script may still hold this."""
        self.active = None


class ScriptsService(Service):
    """Runs the scripts of one document root."""

    name = "scripts"
    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        slots: SlotsService,
        root: str,
        pool: Pool,
        inbox: Inbox,
        limits: PoolLimits,
        settings_of: Callable[[str], ScriptSettings],
        extras: Mapping[str, Any],
        routing: Routing,
    ) -> None:
        self._reactor = reactor
        self._inbox = inbox
        self._slots = slots
        self._pool = pool
        self.root = root
        self._limits = limits
        self._routing = routing
        self._loop = ScriptLoop()
        self.sources = Sources(settings_of)
        extensions = Extensions(root)
        shared = Globals(root, self.sources, extensions, self._loop, self._tell_from_thread)
        self._shared = Shared(self.sources, extensions, self._loop, shared, extras)
        self._runs: dict[str, ActiveRun] = {}
        self._drained: Deferred[None] | None = None
        self._pace = Pace(reactor, self._look)
        self.totals = Totals()

    def startService(self) -> None:
        """Put the seams in that lead each script's output to its visitor."""
        super().startService()
        self._routing.install()
        self._shared.globals.begin()

    def stopService(self) -> Deferred[None]:
        """Refuse what comes, end what runs; fires when all runs are over or given up."""
        super().stopService()
        for active in list(self._runs.values()):
            active.end(Stopped)
        self._drained = Deferred() if self._runs else None
        drained = self._drained or succeed(None)
        return drained.addCallback(lambda _: self._call_stop_hooks()).addCallback(self._leave)

    def run(self, visit: Visit, visitor_for: Callable[[ScriptSettings], Visitor]) -> ActiveRun:
        """Start a script, or let its visitor wait for a thread.

        `visitor_for` makes the visitor, by what the script says of itself.

        Raises ScriptRefused (QueueFull, TooManyZombies), OSError or ValueError when the file cannot
        be read.
        """
        self._refuse_if_unable()
        source = self.sources.get(visit.script)
        if not self._pool.gathering:  # else a run of this turn has looked
            self._shared.globals.look()
        sink = _Sink(self._inbox.callFromThread)
        visitor = visitor_for(source.settings)
        run = Run(visit, source, self._shared, sink)
        active = ActiveRun(
            run,
            visitor,
            self._pool,
            self._reactor,
            queue_wait=self._limits.queue_wait,
            ask=self._ask,
            ended=self._ended,
        )
        sink.active = active
        run.at_end(sink.forget)
        active.enter()
        self._runs[run.id] = active
        for problem in source.problems:
            self._log.warn("{script}: # hangerd: {problem}", script=visit.script, problem=problem)
        visitor.begin(active.note, active.pump)
        active.queue()
        self._pace.watch()
        return active

    def runs(self) -> list[ActiveRun]:
        """Return what runs or waits for a thread, the oldest first."""
        return list(self._runs.values())

    def stop(self, run: str) -> bool:
        """End a run by its id; False when there is none."""
        active = self._runs.get(run)
        if active is None:
            return False
        active.end(Stopped)
        return True

    def use(self) -> Use:
        """Count the runs, and all that ended."""
        return Use(len(self._runs), sum(self.totals.ended.values()))

    def stats(self) -> PoolStats:
        """Count threads and who waits for one."""
        return self._pool.stats()

    @property
    def healthy(self) -> bool:
        """Whether scripts are run: not when too many threads could not be ended."""
        return self._pool.zombies < self._limits.max_zombies

    def _refuse_if_unable(self) -> None:
        if not self.running:
            raise ScriptRefused("The daemon is stopping.", "Try again when it is back.")
        if not self.healthy:
            raise TooManyZombies(
                f"{self._limits.max_zombies} scripts could not be ended, and still hold a thread.",
                "Restart the daemon, and mend the scripts that its log names.",
            )

    def _ask(self, question: Question, active: ActiveRun) -> Asked:
        run = active.run
        seconds = run.settings.input_timeout
        return Asked(self._slots, run.visit.client, question, seconds, active)

    def _look(self) -> float | None:
        """Watch over the time limits, and say how long the oldest run has been running."""
        for active in list(self._runs.values()):
            active.watch()
        began = [active.started for active in self._runs.values() if active.started is not None]
        return self._reactor.seconds() - min(began) if began else None

    def _ended(self, active: ActiveRun, outcome: Outcome) -> None:
        del self._runs[active.run.id]
        counts = self.totals.ended
        counts[outcome.kind] = counts.get(outcome.kind, 0) + 1
        self.totals.written_off += active.written_off
        if active.started is not None:
            self.totals.waits.add(active.started - active.began)
        self._tell_log(active, outcome)
        if not self._runs and self._drained is not None:
            self._drained.callback(None)

    def _tell_log(self, active: ActiveRun, outcome: Outcome) -> None:
        if outcome.kind == "done" and not active.written_off:
            return
        facts = {
            "run": active.run.id,
            "script": active.run.visit.script_name,
            "error": outcome.error or outcome.message,
        }
        if outcome.kind == "error":
            self._log.error("{script} failed [{run}]\n{trace}", trace=outcome.trace, **facts)
        elif active.written_off:
            self._log.warn("{script} cannot be ended, its thread is given up [{run}]", **facts)
        elif outcome.kind in ("timeout", "stop", "overflow"):
            self._log.warn("{script} was ended: {error} [{run}]", **facts)
        elif outcome.kind == "exit":
            self._log.info("{script}: exit status {code} [{run}]", code=outcome.exit_code, **facts)
        elif outcome.kind == "disconnect":
            self._log.info("{script}: the visitor left [{run}]", **facts)

    def _tell_from_thread(self, level: str, message: str) -> None:
        names = {"warning": "warn", "warn": "warn", "error": "error", "critical": "critical"}
        log = getattr(self._log, names.get(level, "info"))
        self._inbox.callFromThread(log, "{message}", message=message)

    def _call_stop_hooks(self) -> Deferred[None]:
        app = self._shared.globals.app
        if not app.has("worker_stop"):
            return succeed(None)
        done: Deferred[None] = Deferred()

        def fire() -> None:
            if not done.called:
                done.callback(None)

        self._loop.call(app.call("worker_stop"), lambda: self._inbox.callFromThread(fire))
        self._reactor.callLater(1.0, fire)
        return done

    def _leave(self, _: None) -> None:
        self._pool.stop()
        self._loop.stop()
        self._routing.remove()
        self._pace.stop()
