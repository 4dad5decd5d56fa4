"""The threads that scripts run in: they take jobs off one line, and no more wake than are of use.

Rules: there is a thread for each job that is given. Of the idle ones, one at a time is on its way,
and it wakes the next if more is in line: so a row of short jobs is done by one thread, while jobs
that block run beside each other. The thread that went idle last is the first to be woken.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from hangerd.scripts.bell import Bell, make_bell

Job = Callable[[], None]
StartThread = Callable[[Callable[[], None]], None]
Attend = Callable[[Bell, threading.Lock], None]

# glibc's usual 8 MiB follow `ulimit -s`; this is enough for 1,000 levels of recursion through C.
STACK_SIZE = 4 * 1024 * 1024


def start_daemon_thread(work: Callable[[], None]) -> None:
    """Start a thread that never keeps the process alive; nobody joins it."""
    before = threading.stack_size(STACK_SIZE)
    try:
        threading.Thread(target=work, name="hangerd-script", daemon=True).start()
    finally:
        threading.stack_size(before)


class Crew:
    """Threads and the line of jobs before them. A job raises nothing.

    `attend(bell, begun)` is called on the reactor thread, and is to ring; the thread that the bell
    wakes releases `begun` once it runs.
    """

    def __init__(
        self,
        attend: Attend,
        start_thread: StartThread = start_daemon_thread,
        make_bell: Callable[[], Bell] = make_bell,
    ) -> None:
        self._attend = attend
        self._start_thread = start_thread
        self._make_bell = make_bell
        self._lock = threading.Lock()
        self._line: deque[Job] = deque()
        self._idle: list[Bell] = []
        self._on_its_way = False
        self._watched = False  # the reactor looks after the line: threads need not wake others
        self._leaving = 0
        self._begun = threading.Lock()
        self._begun.acquire()

    def hire(self) -> None:
        """Start one more thread."""
        self._start_thread(self.work)

    def give(self, job: Job) -> None:
        """Put a job in line; `wake` is to be called when all that come at once have been given."""
        self._line.append(job)

    def wake(self) -> None:
        """Have the line worked off. The reactor's side.

        It comes back when the thread that it woke has nothing more to do, or cannot go on: then it
        wakes the next. A thread that did so itself would wake one for each row of short jobs.
        """
        while True:
            with self._lock:
                bell = self._call_one()
                self._watched = bell is not None
                if bell is None:
                    return
                self._begun.acquire(blocking=False)  # a thread may have come too late the last time
            self._attend(bell, self._begun)

    def dismiss(self, count: int) -> None:
        """Let `count` threads leave, as soon as they have nothing to do."""
        with self._lock:
            self._leaving += count
            bells, self._idle = self._idle[:count], self._idle[count:]
        for bell in bells:
            bell.ring()

    def work(self) -> None:
        """Do jobs until there is no need to. This is what a thread runs."""
        bell = self._make_bell()
        while (job := self._next(bell)) is not None:
            job()
            del job
        bell.close()

    def _next(self, bell: Bell) -> Job | None:
        while True:
            with self._lock:
                if self._line:
                    job = self._line.popleft()
                    other = None if self._watched else self._call_one()
                    break
                if self._leaving:
                    self._leaving -= 1
                    return None
                self._idle.append(bell)
            bell.wait()
            self._arrive()
        if other is not None:
            other.ring()
        return job

    def _call_one(self) -> Bell | None:
        """Choose who is woken: nobody if one is on its way or none is idle. Under the lock."""
        if not self._line or self._on_its_way or not self._idle:
            return None
        self._on_its_way = True
        return self._idle.pop()

    def _arrive(self) -> None:
        with self._lock:
            self._on_its_way = False
            if self._begun.locked():
                self._begun.release()
