"""The threads that scripts run in: a bounded number, with a bounded line of tickets before them.

Rules: all methods are called on the reactor thread; only a job runs elsewhere. Tickets are served
first come, first served, except that one whose key has its share of threads lets others pass.
A thread that cannot be ended is written off: it counts as a zombie and another takes its place.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Literal

from twisted.python.failure import Failure

from hangerd.scripts.errors import QueueFull

Job = Callable[[], None]
OnResult = Callable[[bool, Any], None]
StartThread = Callable[[Callable[[], None]], None]
CallFromThread = Callable[..., Any]

# glibc's usual 8 MiB follow `ulimit -s`; this is enough for 1,000 levels of recursion through C.
STACK_SIZE = 4 * 1024 * 1024


def _nothing() -> None:
    """Be what a ticket does before it has a job and after it did it."""


def start_daemon_thread(work: Callable[[], None]) -> None:
    """Start a thread that never keeps the process alive; nobody joins it."""
    before = threading.stack_size(STACK_SIZE)
    try:
        threading.Thread(target=work, name="hangerd-script", daemon=True).start()
    finally:
        threading.stack_size(before)


@dataclass(frozen=True)
class PoolStats:
    """Counts for health and metrics."""

    threads: int
    busy: int
    queued: int
    zombies: int


class Ticket:
    """A place in the pool for one job, with the method that deferToThreadPool needs."""

    def __init__(
        self, pool: Pool, key: str, concurrency: int | None, started: Callable[[], None]
    ) -> None:
        self._pool = pool
        self.started = started
        self.key = key
        self.concurrency = concurrency
        self.state: Literal["new", "queued", "running", "ended", "zombie"] = "new"
        self.job: Job = _nothing

    def callInThreadWithCallback(
        self, on_result: OnResult, func: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> None:
        """Run `func` in a thread as soon as one is free; `on_result` is called there.

        Raises QueueFull when the waiting line is full.
        """

        def job() -> None:
            try:
                result = func(*args, **kwargs)
            except BaseException:
                on_result(False, Failure())
            else:
                on_result(True, result)

        self.job = job
        self._pool.enter(self)

    def withdraw(self) -> bool:
        """Leave the line. False when the job has already started."""
        return self._pool.withdraw(self)

    def write_off(self) -> None:
        """Give the thread up: it is a zombie until its job returns, and another may start."""
        self._pool.write_off(self)


class _Worker:
    """One thread and the inbox that hands it its jobs."""

    def __init__(self) -> None:
        self.inbox: SimpleQueue[Ticket | None] = SimpleQueue()

    def work(self, report: Callable[[_Worker, Ticket], None]) -> None:
        """Do jobs until told to leave. The only method that runs in the thread."""
        while (ticket := self.inbox.get()) is not None:
            ticket.job()
            ticket.job = _nothing
            report(self, ticket)
            del ticket


class Pool:
    """At most `threads` jobs at once, and at most `queue` tickets waiting."""

    def __init__(
        self,
        threads: int,
        queue: int,
        call_from_thread: CallFromThread,
        start_thread: StartThread = start_daemon_thread,
    ) -> None:
        self.threads = threads
        self.queue = queue
        self._call_from_thread = call_from_thread
        self._start_thread = start_thread
        self._waiting: list[Ticket] = []
        self._idle: list[_Worker] = []
        self._busy: dict[Ticket, _Worker] = {}
        self._per_key: Counter[str] = Counter()
        self._zombies = 0
        self._stopped = False

    def ticket(
        self,
        key: str = "",
        concurrency: int | None = None,
        started: Callable[[], None] = _nothing,
    ) -> Ticket:
        """Give a ticket for one job; at most `concurrency` jobs of one `key` run at a time.

        `started` is called on the reactor thread when a thread has been found.
        """
        return Ticket(self, key, concurrency, started)

    def stats(self) -> PoolStats:
        """Count what the pool does now."""
        return PoolStats(self.threads, len(self._busy), len(self._waiting), self._zombies)

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
        """Take a waiting ticket out of the line."""
        if ticket.state != "queued":
            return False
        self._waiting.remove(ticket)
        ticket.state = "ended"
        return True

    def write_off(self, ticket: Ticket) -> None:
        """Count a running ticket's thread as a zombie and free its place."""
        if ticket.state != "running":
            return
        self._leave(ticket)
        ticket.state = "zombie"
        self._zombies += 1
        self._serve()

    def stop(self) -> None:
        """Take no more tickets, forget the waiting ones, let idle threads leave. Joins nobody."""
        self._stopped = True
        for ticket in self._waiting:
            ticket.state = "ended"
        self._waiting.clear()
        for worker in self._idle:
            worker.inbox.put(None)
        self._idle.clear()

    def _serve(self) -> None:
        while len(self._busy) < self.threads and (ticket := self._next()) is not None:
            self._waiting.remove(ticket)
            worker = self._idle.pop() if self._idle else self._hire()
            ticket.state = "running"
            self._busy[ticket] = worker
            self._per_key[ticket.key] += 1
            ticket.started()
            worker.inbox.put(ticket)

    def _next(self) -> Ticket | None:
        for ticket in self._waiting:
            if ticket.concurrency is None or self._per_key[ticket.key] < ticket.concurrency:
                return ticket
        return None

    def _hire(self) -> _Worker:
        worker = _Worker()
        self._start_thread(lambda: worker.work(self._report))
        return worker

    def _report(self, worker: _Worker, ticket: Ticket) -> None:
        self._call_from_thread(self._ended, worker, ticket)

    def _ended(self, worker: _Worker, ticket: Ticket) -> None:
        if ticket.state == "zombie":
            self._zombies -= 1
            worker.inbox.put(None)
        else:
            self._leave(ticket)
            if self._stopped:
                worker.inbox.put(None)
            else:
                self._idle.append(worker)
                self._serve()
        ticket.state = "ended"

    def _leave(self, ticket: Ticket) -> None:
        del self._busy[ticket]
        self._per_key[ticket.key] -= 1
        if not self._per_key[ticket.key]:
            del self._per_key[ticket.key]
