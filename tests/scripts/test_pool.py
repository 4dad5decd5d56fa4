"""The pool: order, bounds, withdrawal, zombies - with threads that work when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.errors import QueueFull
from hangerd.scripts.pool import Pool, Ticket
from tests.scripts.serving import FakeCrew


def call_now(func: Callable[..., Any], *args: Any) -> None:
    func(*args)


class PoolTests(SynchronousTestCase):
    """Rules of the pool, one by one."""

    def setUp(self) -> None:
        self.crew = FakeCrew()
        self.clock = Clock()
        self.pool = Pool(2, 2, self.crew, partial(self.clock.callLater, 0), call_now)
        self.results: list[int] = []
        self.ended: list[int] = []

    def submit(self, value: int, key: str = "", concurrency: int | None = None) -> Ticket:
        def job() -> None:
            self.results.append(value)

        def ended() -> None:
            self.ended.append(value)

        ticket = Ticket(job, lambda: None, ended, key, concurrency)
        self.pool.enter(ticket)
        return ticket

    def do(self, index: int = 0) -> None:
        """Do one of the jobs that have a thread."""
        self.crew.jobs.pop(index)()

    def test_starts_no_more_than_its_threads(self) -> None:
        tickets = [self.submit(n) for n in range(4)]
        self.assertEqual([t.state for t in tickets], ["running", "running", "queued", "queued"])
        self.assertEqual(self.crew.hired, 2)
        stats = self.pool.stats()
        self.assertEqual((stats.threads, stats.busy, stats.queued, stats.zombies), (2, 2, 2, 0))

    def test_jobs_of_one_turn_are_handed_over_together_at_its_end(self) -> None:
        for n in range(2):
            self.submit(n)
        self.assertEqual(self.crew.woken, 0)
        self.clock.advance(0)
        self.assertEqual(self.crew.woken, 1)
        self.do()
        self.submit(2)
        self.clock.advance(0)
        self.assertEqual(self.crew.woken, 2)

    def test_started_is_told_when_there_is_a_thread_and_ended_when_the_job_is(self) -> None:
        heard: list[str] = []
        tickets = [
            Ticket(lambda: None, partial(heard.append, f"{n}+"), partial(heard.append, f"{n}-"))
            for n in range(3)
        ]
        for ticket in tickets:
            self.pool.enter(ticket)
        self.assertEqual(heard, ["0+", "1+"])
        self.do(1)
        self.assertEqual(heard, ["0+", "1+", "2+", "1-"])

    def test_a_full_line_refuses_the_new_one_only(self) -> None:
        tickets = [self.submit(n) for n in range(4)]
        self.assertRaises(QueueFull, self.submit, 4)
        self.assertEqual([t.state for t in tickets[2:]], ["queued", "queued"])

    def test_an_ended_job_lets_the_next_in_and_keeps_the_thread(self) -> None:
        tickets = [self.submit(n) for n in range(4)]
        self.do()
        self.assertEqual((self.results, self.ended), ([0], [0]))
        self.assertEqual([t.state for t in tickets], ["ended", "running", "running", "queued"])
        self.assertEqual(self.crew.hired, 2)

    def test_an_idle_thread_is_used_again(self) -> None:
        for n in range(2):
            self.submit(n)
            self.do()
        self.assertEqual((self.results, self.crew.hired), ([0, 1], 1))

    def test_a_withdrawn_ticket_never_runs(self) -> None:
        tickets = [self.submit(n) for n in range(4)]
        self.assertTrue(self.pool.withdraw(tickets[2]))
        self.assertFalse(self.pool.withdraw(tickets[2]))
        self.assertFalse(self.pool.withdraw(tickets[0]))
        self.do()
        self.assertEqual(tickets[3].state, "running")

    def test_a_key_with_its_share_lets_others_pass(self) -> None:
        one, two = (self.submit(n, "a.py", 1) for n in range(2))
        other = self.submit(2, "b.py", 1)
        self.assertEqual([one.state, two.state, other.state], ["running", "queued", "running"])
        self.do()
        self.assertEqual(two.state, "running")

    def test_a_written_off_thread_is_replaced_and_one_leaves_when_it_returns(self) -> None:
        tickets = [self.submit(n) for n in range(3)]
        self.pool.write_off(tickets[0])
        self.assertEqual(tickets[2].state, "running")
        self.assertEqual((self.pool.zombies, self.crew.hired), (1, 3))
        self.assertEqual(self.crew.dismissed, 0)
        self.do()
        self.assertEqual((self.pool.zombies, self.crew.dismissed), (0, 1))

    def test_only_a_running_ticket_is_written_off(self) -> None:
        ticket = self.submit(0)
        self.do()
        self.pool.write_off(ticket)
        self.assertEqual((self.pool.zombies, ticket.state), (0, "ended"))

    def test_stop_forgets_the_line_and_dismisses_threads(self) -> None:
        running, also, waiting = (self.submit(n) for n in range(3))
        self.pool.stop()
        self.assertEqual((waiting.state, self.crew.dismissed), ("ended", 2))
        self.assertRaises(QueueFull, self.submit, 9)
        self.do()
        self.assertEqual((running.state, also.state), ("ended", "running"))
        self.assertEqual(len(self.crew.jobs), 1)


class PoolMachine(RuleBasedStateMachine):
    """Any order of arrivals, ends, withdrawals and write-offs keeps the bounds and the order."""

    def __init__(self) -> None:
        super().__init__()
        self.crew = FakeCrew()
        self.pool = Pool(3, 4, self.crew, partial(Clock().callLater, 0), call_now)
        self.tickets: list[Ticket] = []
        self.lost: set[Ticket] = set()

    def in_state(self, state: str) -> list[Ticket]:
        return [t for t in self.tickets if t.state == state]

    @rule(key=st.sampled_from(["a", "b"]), limit=st.sampled_from([None, 1, 2]))
    def arrive(self, key: str, limit: int | None) -> None:
        ticket = Ticket(lambda: None, lambda: None, lambda: None, key, limit)
        try:
            self.pool.enter(ticket)
        except QueueFull:
            assert len(self.in_state("queued")) == 4
        else:
            self.tickets.append(ticket)

    @precondition(lambda self: self.in_state("running"))
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.in_state("running")))
        self.pool._work(ticket)

    @precondition(lambda self: self.in_state("queued"))
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        assert self.pool.withdraw(data.draw(st.sampled_from(self.in_state("queued"))))

    @precondition(lambda self: self.in_state("running"))
    @rule(data=st.data())
    def write_off(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.in_state("running")))
        self.lost.add(ticket)
        self.pool.write_off(ticket)

    @precondition(lambda self: self.lost)
    @rule(data=st.data())
    def zombie_returns(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.lost, key=self.tickets.index)))
        self.lost.remove(ticket)
        self.pool._work(ticket)

    @invariant()
    def bounds_hold(self) -> None:
        stats = self.pool.stats()
        running = self.in_state("running")
        assert stats.busy == len(running) <= 3
        assert stats.queued == len(self.in_state("queued")) <= 4
        assert stats.zombies == len(self.lost)

    @invariant()
    def each_job_has_a_thread(self) -> None:
        threads = self.crew.hired - self.crew.dismissed
        assert len(self.in_state("running")) <= threads - len(self.lost) <= 3

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
