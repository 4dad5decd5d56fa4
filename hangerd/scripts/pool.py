"""How many scripts run at once: a bounded number, with a bounded line of tickets before them.

Rules: all methods are called on the reactor thread; only a job runs elsewhere. Tickets are served
first come, first served, except that one whose key has its share of threads lets others pass.
A thread that cannot be ended is written off: it counts as a zombie and another takes its place.

It stands where Twisted's ThreadPool and deferToThread would, because that pool's line has no bound,
its end waits for every thread, and one that never comes back would keep its place for good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

from hangerd.scripts.errors import QueueFull

Job = Callable[[], None]
AtTurnEnd = Callable[[Callable[[], None]], object]
CallFromThread = Callable[..., Any]


class Threads(Protocol):
    """Who does the jobs: see `hangerd.scripts.crew.Crew`."""

    def hire(self) -> None:
        """Start one more thread."""

    def give(self, job: Job) -> None:
        """Put a job in line."""

    def wake(self) -> None:
        """Have the line worked off."""

    def dismiss(self, count: int) -> None:
        """Let `count` threads leave, as soon as they have nothing to do."""


@dataclass(frozen=True)
class PoolStats:
    """Counts for health and metrics."""

    threads: int
    busy: int
    queued: int
    zombies: int


@dataclass(slots=True, eq=False)
class Ticket:
    """A place in the pool for one job; at most `concurrency` jobs of one `key` run at a time.

    `job` runs in a thread, and raises nothing. `started` is called on the reactor thread when it
    has a thread, `ended` when it has returned.
    """

    job: Job
    started: Callable[[], None]
    ended: Callable[[], None]
    key: str = ""
    concurrency: int | None = None
    state: Literal["new", "queued", "running", "ended", "zombie"] = "new"


class Pool:
    """At most `threads` jobs at once, and at most `queue` tickets waiting.

    Jobs that come in one turn of the reactor are handed over together: `at_turn_end`
    has a function called at its end.
    """

    def __init__(
        self,
        threads: int,
        queue: int,
        crew: Threads,
        at_turn_end: AtTurnEnd,
        call_from_thread: CallFromThread,
    ) -> None:
        self.threads = threads
        self.queue = queue
        self._crew = crew
        self._at_turn_end = at_turn_end
        self._call_from_thread = call_from_thread
        self._waiting: list[Ticket] = []
        self._busy: set[Ticket] = set()
        self._per_key: dict[str, int] = {}
        self._hired = 0  # threads that are no zombies
        self.zombies = 0  # threads that could not be ended
        self.gathering = False  # jobs given in this turn are about to be handed over
        self._stopped = False

    def stats(self) -> PoolStats:
        """Count what the pool does now."""
        return PoolStats(self.threads, len(self._busy), len(self._waiting), self.zombies)

    def enter(self, ticket: Ticket) -> None:
        """Start the ticket's job or let it wait. Raises QueueFull."""
        if self._stopped:
            raise QueueFull("The daemon is stopping.", "Try again when it is back.")
        self._waiting.append(ticket)
        ticket.state = "queued"
        self._serve()
        if ticket.state == "queued" and len(self._waiting) > self.queue:
            self.withdraw(ticket)
            raise QueueFull(
                f"{self.queue} visitors wait for a script already.",
                "Try again soon, or let the daemon have more threads.",
            )

    def withdraw(self, ticket: Ticket) -> bool:
        """Take a waiting ticket out of the line. False when its job has already started."""
        if ticket.state != "queued":
            return False
        self._waiting.remove(ticket)
        ticket.state = "ended"
        return True

    def write_off(self, ticket: Ticket) -> None:
        """Count a running ticket's thread as a zombie until its job returns; free its place."""
        if ticket.state != "running":
            return
        self._leave(ticket)
        ticket.state = "zombie"
        self.zombies += 1
        self._hired -= 1
        self._serve()

    def stop(self) -> None:
        """Take no more tickets, forget the waiting ones, let idle threads leave. Joins nobody."""
        self._stopped = True
        for ticket in self._waiting:
            ticket.state = "ended"
        self._waiting.clear()
        self._crew.dismiss(self._hired)

    def _serve(self) -> None:
        while self._waiting and len(self._busy) < self.threads:
            ticket = self._next()
            if ticket is None:
                return
            self._waiting.remove(ticket)
            ticket.state = "running"
            self._busy.add(ticket)
            self._per_key[ticket.key] = self._per_key.get(ticket.key, 0) + 1
            ticket.started()
            self._crew.give(partial(self._work, ticket))
            if len(self._busy) > self._hired:
                self._hired += 1
                self._crew.hire()
            if not self.gathering:
                self.gathering = True
                self._at_turn_end(self._wake)

    def _wake(self) -> None:
        self.gathering = False
        self._crew.wake()

    def _next(self) -> Ticket | None:
        for ticket in self._waiting:
            if ticket.concurrency is None or self._per_key.get(ticket.key, 0) < ticket.concurrency:
                return ticket
        return None

    def _work(self, ticket: Ticket) -> None:
        """Do a job. The only method that runs in a thread."""
        ticket.job()
        self._call_from_thread(self._ended, ticket)

    def _ended(self, ticket: Ticket) -> None:
        if ticket.state == "zombie":
            self.zombies -= 1
            self._crew.dismiss(1)
        else:
            self._leave(ticket)
            if not self._stopped:
                self._serve()
        ticket.state = "ended"
        ticket.ended()

    def _leave(self, ticket: Ticket) -> None:
        self._busy.remove(ticket)
        left = self._per_key.pop(ticket.key) - 1
        if left:
            self._per_key[ticket.key] = left
