"""The threads: who is woken, in which order, and who leaves - with threads run by the test."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from errno import EMFILE
from functools import partial

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.bell import Bell, EventBell, LockBell, make_bell
from hangerd.scripts.crew import Crew, start_daemon_thread
from hangerd.scripts.inbox import Inbox
from tests.scripts.serving import TurningClock

SOON = 30.0  # seconds, far more than any of this takes


class CrewTests(SynchronousTestCase):
    """Real threads, each step of which waits for a condition."""

    def setUp(self) -> None:
        self.attended = 0
        self.started = 0
        self.left = threading.Semaphore(0)
        self.crew = Crew(self.attend, self.start)
        self.addCleanup(self.dismiss_all)

    def attend(self, bell: Bell, begun: threading.Lock) -> None:
        self.attended += 1
        bell.ring()
        self.assertTrue(begun.acquire(timeout=SOON))

    def start(self, work: Callable[[], None]) -> None:
        def work_and_tell() -> None:
            work()
            self.left.release()

        self.started += 1
        start_daemon_thread(work_and_tell)

    def dismiss_all(self) -> None:
        self.crew.dismiss(self.started)
        for _ in range(self.started):
            self.assertTrue(self.left.acquire(timeout=SOON))

    def hire_idle(self, count: int) -> None:
        for _ in range(count):
            self.crew.hire()
        while len(self.crew._idle) < count:
            pass

    def test_a_job_given_wakes_an_idle_thread_and_stands_by_for_it(self) -> None:
        self.hire_idle(1)
        done = threading.Event()
        self.crew.give(done.set)
        self.assertFalse(done.is_set())
        self.crew.wake()
        self.assertTrue(done.wait(SOON))
        self.assertEqual(self.attended, 1)

    def test_with_nothing_in_line_nobody_is_woken(self) -> None:
        self.hire_idle(1)
        self.crew.wake()
        self.assertEqual((self.attended, len(self.crew._idle)), (0, 1))

    def test_jobs_that_block_run_beside_each_other(self) -> None:
        self.hire_idle(5)
        together = threading.Barrier(6)

        def block() -> None:
            together.wait(SOON)

        for _ in range(5):
            self.crew.give(block)
        self.crew.wake()
        together.wait(SOON)

    def test_so_they_do_where_nobody_stands_by(self) -> None:
        self.crew = Crew(lambda bell, begun: bell.ring(), self.start)
        self.test_jobs_that_block_run_beside_each_other()

    def test_so_they_do_with_bells_of_other_systems(self) -> None:
        self.crew = Crew(self.attend, self.start, LockBell)
        self.test_jobs_that_block_run_beside_each_other()

    def test_a_row_of_short_jobs_is_done_by_one_thread(self) -> None:
        self.hire_idle(3)
        by: list[int] = []
        last = threading.Event()
        for _ in range(20):
            self.crew.give(lambda: by.append(threading.get_ident()))
        self.crew.give(last.set)
        with self.crew._lock:  # as while the reactor looks after the line
            bell = self.crew._call_one()
            self.crew._watched = True
        assert bell is not None
        bell.ring()
        self.assertTrue(last.wait(SOON))
        self.assertEqual(len(set(by)), 1)

    def test_the_jobs_of_one_line_keep_their_order(self) -> None:
        done: list[int] = []
        last = threading.Event()
        self.hire_idle(1)
        for n in range(50):
            self.crew.give(partial(done.append, n))
        self.crew.give(last.set)
        self.crew.wake()
        self.assertTrue(last.wait(SOON))
        self.assertEqual(done, list(range(50)))

    def test_a_new_thread_takes_what_is_in_line_without_being_woken(self) -> None:
        done = threading.Event()
        self.crew.give(done.set)
        self.crew.hire()
        self.assertTrue(done.wait(SOON))

    def test_a_dismissed_thread_leaves_when_it_has_nothing_to_do(self) -> None:
        self.hire_idle(2)
        self.crew.dismiss(1)
        self.assertTrue(self.left.acquire(timeout=SOON))
        self.assertEqual(len(self.crew._idle), 1)
        self.started -= 1


class BellTests(SynchronousTestCase):
    """Both kinds do the same."""

    def test_who_waits_is_woken(self) -> None:
        for make in (EventBell, LockBell):
            bell, woken = make(), threading.Event()

            def wait(bell: Bell = bell, woken: threading.Event = woken) -> None:
                bell.wait()
                woken.set()

            thread = threading.Thread(target=wait)
            thread.start()
            self.assertFalse(woken.is_set())
            bell.ring()
            thread.join(SOON)
            self.assertTrue(woken.is_set())
            bell.close()

    def test_a_ring_before_the_wait_counts(self) -> None:
        for make in (EventBell, LockBell):
            bell = make()
            bell.ring()
            bell.wait()
            bell.close()

    def test_where_no_file_can_be_opened(self) -> None:
        def refuse(value: int) -> int:
            raise OSError(EMFILE, "too many")

        self.patch(os, "eventfd", refuse)
        self.assertIsInstance(make_bell(), LockBell)


class AttendTests(SynchronousTestCase):
    """The reactor stands by: nobody needs to wake it."""

    def setUp(self) -> None:
        self.clock = TurningClock()
        self.inbox = Inbox(self.clock)
        self.heard: list[int] = []
        self.bell = LockBell()
        self.begun = threading.Lock()
        self.begun.acquire()

    def test_calls_made_meanwhile_are_taken_without_a_wake_up(self) -> None:
        def thread() -> None:
            self.inbox.callFromThread(self.heard.append, 1)
            self.begun.release()

        # Called between the flag and the wait, as by a thread that is faster than the reactor.
        acquire = self.begun.acquire

        class Begun:
            def acquire(self, timeout: float) -> bool:
                thread()
                return acquire(timeout=timeout)

        self.inbox.attend(self.bell, Begun())  # type: ignore[arg-type]
        self.assertEqual((self.heard, self.clock.from_threads), ([1], []))
        self.inbox.callFromThread(self.heard.append, 2)
        self.assertEqual(len(self.clock.from_threads), 1)

    def test_a_thread_that_cannot_begin_is_not_stood_by_for_some_turns(self) -> None:
        self.inbox.attend(self.bell, self.begun)
        self.bell.wait()
        self.begun.release()
        self.inbox.attend(self.bell, self.begun)
        self.bell.wait()
        self.assertTrue(self.begun.locked() is False)
        self.inbox.callFromThread(self.heard.append, 1)
        self.assertEqual(len(self.clock.from_threads), 1)
