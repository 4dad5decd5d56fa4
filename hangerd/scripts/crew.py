"""The threads that scripts run in: they take jobs off one line, and no more wake than are of use.

Rules: there is a thread for each job that is given. Of the idle ones, one at a time is on its way,
and it wakes the next if more is in line: so a row of short jobs is done by one thread, while jobs
that block run beside each other. The thread that went idle last is the first to be woken.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

Job = Callable[[], None]
StartThread = Callable[[Callable[[], None]], None]
Attend = Callable[[threading.Lock], None]

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

    `attend(begun)` is called on the reactor thread after a thread was woken for new jobs; the
    thread releases `begun` once it runs.
    """

    def __init__(self, attend: Attend, start_thread: StartThread = start_daemon_thread) -> None:
        self._attend = attend
        self._start_thread = start_thread
        self._lock = threading.Lock()
        self._line: deque[Job] = deque()
        self._idle: list[threading.Lock] = []  # each is released to wake its thread
        self._on_its_way = False
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
        """Have the line worked off. The reactor's side."""
        with self._lock:
            if not self._line or not self._wake_one():
                return
            self._begun.acquire(blocking=False)  # a thread may have come too late the last time
        self._attend(self._begun)

    def dismiss(self, count: int) -> None:
        """Let `count` threads leave, as soon as they have nothing to do."""
        with self._lock:
            self._leaving += count
            bells, self._idle = self._idle[:count], self._idle[count:]
        for bell in bells:
            bell.release()

    def work(self) -> None:
        """Do jobs until there is no need to. This is what a thread runs."""
        bell = threading.Lock()
        bell.acquire()
        while (job := self._next(bell)) is not None:
            job()
            del job

    def _next(self, bell: threading.Lock) -> Job | None:
        while True:
            with self._lock:
                if self._line:
                    job = self._line.popleft()
                    if self._line:
                        self._wake_one()
                    return job
                if self._leaving:
                    self._leaving -= 1
                    return None
                self._idle.append(bell)
            bell.acquire()
            self._arrive()

    def _wake_one(self) -> bool:
        """Wake a thread, unless one is on its way or none is idle. The caller holds the lock."""
        if self._on_its_way or not self._idle:
            return False
        self._on_its_way = True
        self._idle.pop().release()
        return True

    def _arrive(self) -> None:
        with self._lock:
            self._on_its_way = False
            if self._begun.locked():
                self._begun.release()
