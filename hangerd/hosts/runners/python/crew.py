"""The threads of a host: who works, and who reads the sockets.

One reads at a time. With one worker that is the main thread itself while it is idle, so that a
short call changes no thread (which costs more than the call); a watcher takes the reading over when
the main thread has not read for a whole TICK, and gives it back. With more workers the watcher
always reads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final

from .call import Call
from .poller import Poller

TICK: Final = 0.002
"""Seconds; a cancel or ping during a call is heard two of them late, at worst."""
QUIET: Final = 100
"""So many ticks without a call, and the watcher sleeps until the next."""

_WAKE: Final[Any] = object()


class Crew:
    """Workers and the watcher; `failed` gets an error that nobody else could."""

    def __init__(self, poller: Poller, failed: Callable[[BaseException], None]) -> None:
        self._poller = poller
        self._failed = failed
        self._jobs: SimpleQueue[Call | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._reading = threading.Lock()  # held by who reads
        self._busy = threading.Event()  # clear while the watcher may sleep
        self._alone = False  # the main thread is the one worker, and may read
        self._waits = False  # it waits for a job while the watcher reads
        self._inside = False  # it reads
        self._turns = 0

    def start(self) -> None:
        """Let the watcher read; the main thread is free to load the user's code."""
        self._reading.acquire()
        threading.Thread(target=self._watch, name="hangerd-reader", daemon=True).start()

    def put(self, call: Call) -> None:
        """Queue a call."""
        self._jobs.put(call)

    def work(self, threads: int, each: Callable[[Call], None]) -> None:
        """Do each call, in so many threads of which this is one; return after `dismiss`."""
        for number in range(1, threads):
            thread = threading.Thread(
                target=self._serve, args=(each,), name=f"hangerd-worker-{number}", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        self._alone = threads <= 1
        self._serve(each)
        self._alone = False
        self._busy.set()
        for thread in self._threads:
            thread.join()

    def dismiss(self) -> None:
        """End the work after the calls that are queued."""
        self._jobs.put(None)

    def _serve(self, each: Callable[[Call], None]) -> None:
        while (call := self._next()) is not None:
            each(call)
            del call  # while the next is waited for, it must not keep its values alive
        self._jobs.put(None)  # for the next worker

    def _next(self) -> Call | None:
        while True:
            idle = self._alone and self._jobs.empty()
            job = self._wait() if idle else self._jobs.get()
            if job is not _WAKE:
                return job

    def _wait(self) -> Any:
        """Read, as the one worker, until something has come; or wait for who reads."""
        if self._reading.acquire(blocking=False):
            self._turn()
            return _WAKE
        self._waits = True
        self._poller.soon(_look)
        job = self._jobs.get()
        self._waits = False
        return job

    def _turn(self) -> None:
        self._inside = True
        try:
            self._poller.turn(eager=True)  # no other thread has work that this would hold up
        except BaseException as error:
            self._failed(error)
        self._turns += 1
        self._inside = False
        self._reading.release()
        if not self._busy.is_set():
            self._busy.set()

    def _watch(self) -> None:
        try:
            while True:
                while not (self._alone and self._waits and self._jobs.empty()):
                    self._poller.turn()
                self._reading.release()
                self._jobs.put(_WAKE)
                self._look_on()
        except BaseException as error:
            self._failed(error)

    def _look_on(self) -> None:
        """Return, with the reading, when the main thread has not read for a whole tick."""
        last, quiet = -1, 0
        while self._inside or self._turns != last or not self._reading.acquire(blocking=False):
            quiet = quiet + 1 if self._turns == last else 0
            last = self._turns
            if quiet > QUIET:
                self._busy.clear()
                if self._inside:  # else it has just left, and saw the event set
                    self._busy.wait()
                quiet = 0
            time.sleep(TICK)


def _look() -> None:
    """Do nothing: the watcher comes back from its wait and sees that the main thread is free."""
