"""The pool: order, bounds, withdrawal, zombies - with threads that run when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.errors import QueueFull
from hangerd.scripts.pool import Pool, Ticket


class FakeThreads:
    """Counts threads instead of starting them; `do` does what they would."""

    def __init__(self) -> None:
        self.started = 0

    def start(self, work: Callable[[], None]) -> None:
        self.started += 1


def call_now(func: Callable[..., Any], *args: Any) -> None:
    func(*args)


def do(pool: Pool, ticket: Ticket, worker: Any = None) -> None:
    """What the ticket's thread would do: the job, then the report."""
    worker = worker or pool._busy[ticket]
    ticket.job()
    pool._report(worker, ticket)


class PoolTests(SynchronousTestCase):
    """Rules of the pool, one by one."""

    def setUp(self) -> None:
        self.threads = FakeThreads()
        self.pool = Pool(2, 2, call_now, self.threads.start)
        self.results: list[Any] = []

    def submit(self, value: Any, key: str = "", concurrency: int | None = None) -> Ticket:
        ticket = self.pool.ticket(key, concurrency)
        ticket.callInThreadWithCallback(lambda ok, result: self.results.append(result), str, value)
        return ticket

    def test_starts_no_more_than_its_threads(self) -> None:
        tickets = [self.submit(n) for n in range(4)]
        self.assertEqual([t.state for t in tickets], ["running", "running", "queued", "queued"])
        self.assertEqual(self.threads.started, 2)
        stats = self.pool.stats()
        self.assertEqual((stats.threads, stats.busy, stats.queued, stats.zombies), (2, 2, 2, 0))

    def test_a_full_line_refuses_the_new_one_only(self) -> None:
        tickets = [self.submit(n) for n in range(4)]
        self.assertRaises(QueueFull, self.submit, 4)
        self.assertEqual([t.state for t in tickets[2:]], ["queued", "queued"])

    def test_an_ended_job_lets_the_next_in_and_keeps_the_thread(self) -> None:
        tickets = [self.submit(n) for n in range(4)]
        do(self.pool, tickets[0])
        self.assertEqual(self.results, ["0"])
        self.assertEqual([t.state for t in tickets], ["ended", "running", "running", "queued"])
        self.assertEqual(self.threads.started, 2)

    def test_an_idle_thread_is_used_again(self) -> None:
        do(self.pool, self.submit(0))
        do(self.pool, self.submit(1))
        self.assertEqual((self.results, self.threads.started), (["0", "1"], 1))

    def test_a_withdrawn_ticket_never_runs(self) -> None:
        tickets = [self.submit(n) for n in range(4)]
        self.assertTrue(tickets[2].withdraw())
        self.assertFalse(tickets[2].withdraw())
        self.assertFalse(tickets[0].withdraw())
        do(self.pool, tickets[0])
        self.assertEqual(tickets[3].state, "running")

    def test_a_key_with_its_share_lets_others_pass(self) -> None:
        one, two = (self.submit(n, "a.py", 1) for n in range(2))
        other = self.submit(2, "b.py", 1)
        self.assertEqual([one.state, two.state, other.state], ["running", "queued", "running"])
        do(self.pool, one)
        self.assertEqual(two.state, "running")

    def test_a_written_off_thread_is_replaced_and_leaves_when_it_returns(self) -> None:
        tickets = [self.submit(n) for n in range(3)]
        worker = self.pool._busy[tickets[0]]
        tickets[0].write_off()
        self.assertEqual(tickets[2].state, "running")
        self.assertEqual((self.pool.stats().zombies, self.threads.started), (1, 3))
        worker.inbox.get_nowait()
        do(self.pool, tickets[0], worker)
        self.assertEqual(self.pool.stats().zombies, 0)
        self.assertIsNone(worker.inbox.get_nowait())

    def test_only_a_running_ticket_is_written_off(self) -> None:
        ticket = self.submit(0)
        do(self.pool, ticket)
        ticket.write_off()
        self.assertEqual((self.pool.stats().zombies, ticket.state), (0, "ended"))

    def test_a_failing_job_reports_its_failure(self) -> None:
        ticket = self.pool.ticket()
        ticket.callInThreadWithCallback(lambda ok, r: self.results.append((ok, r)), int, "x")
        do(self.pool, ticket)
        ((ok, failure),) = self.results
        self.assertFalse(ok)
        self.assertTrue(failure.check(ValueError))

    def test_stop_forgets_the_line_and_dismisses_threads(self) -> None:
        do(self.pool, self.submit(0))
        idle = self.pool._idle[0]
        idle.inbox.get_nowait()
        running, also, waiting = (self.submit(n) for n in range(3))
        self.pool.stop()
        self.assertEqual(waiting.state, "ended")
        self.assertRaises(QueueFull, self.submit, 9)
        worker = self.pool._busy[running]
        worker.inbox.get_nowait()
        do(self.pool, running)
        self.assertIsNone(worker.inbox.get_nowait())
        self.assertEqual((running.state, also.state), ("ended", "running"))

    def test_stop_dismisses_idle_threads(self) -> None:
        do(self.pool, self.submit(0))
        (idle,) = self.pool._idle
        idle.inbox.get_nowait()
        self.pool.stop()
        self.assertIsNone(idle.inbox.get_nowait())

    def test_a_thread_works_through_its_inbox_and_leaves(self) -> None:
        works: list[Callable[[], None]] = []
        pool = Pool(1, 1, call_now, works.append)
        ticket = pool.ticket()
        ticket.callInThreadWithCallback(lambda ok, r: self.results.append(r), str, 7)
        pool._busy[ticket].inbox.put(None)
        works[0]()
        self.assertEqual((self.results, ticket.state), (["7"], "ended"))


class PoolMachine(RuleBasedStateMachine):
    """Any order of arrivals, ends, withdrawals and write-offs keeps the bounds and the order."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = Pool(3, 4, call_now, lambda work: None)
        self.tickets: list[Ticket] = []
        self.lost: dict[Ticket, Any] = {}

    def in_state(self, state: str) -> list[Ticket]:
        return [t for t in self.tickets if t.state == state]

    @rule(key=st.sampled_from(["a", "b"]), limit=st.sampled_from([None, 1, 2]))
    def arrive(self, key: str, limit: int | None) -> None:
        ticket = self.pool.ticket(key, limit)
        try:
            ticket.callInThreadWithCallback(lambda ok, r: None, int)
        except QueueFull:
            assert len(self.in_state("queued")) == 4
        else:
            self.tickets.append(ticket)

    @precondition(lambda self: self.in_state("running"))
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.in_state("running")))
        self.pool._report(self.pool._busy[ticket], ticket)

    @precondition(lambda self: self.in_state("queued"))
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        assert data.draw(st.sampled_from(self.in_state("queued"))).withdraw()

    @precondition(lambda self: self.in_state("running"))
    @rule(data=st.data())
    def write_off(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.in_state("running")))
        self.lost[ticket] = self.pool._busy[ticket]
        ticket.write_off()

    @precondition(lambda self: self.lost)
    @rule(data=st.data())
    def zombie_returns(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(list(self.lost)))
        self.pool._report(self.lost.pop(ticket), ticket)

    @invariant()
    def bounds_hold(self) -> None:
        stats = self.pool.stats()
        running = self.in_state("running")
        assert stats.busy == len(running) <= 3
        assert stats.queued == len(self.in_state("queued")) <= 4
        assert stats.zombies == len(self.lost)

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        running = self.in_state("running")
        if len(running) < 3:
            for ticket in self.in_state("queued"):
                assert ticket.concurrency is not None
                same = [t for t in running if t.key == ticket.key]
                assert len(same) >= ticket.concurrency


class AnyOrderTests(SynchronousTestCase):
    """The machine above, run by trial."""

    def test_bounds_and_order(self) -> None:
        run_state_machine_as_test(PoolMachine)
