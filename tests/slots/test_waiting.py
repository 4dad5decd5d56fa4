"""Tests of `hangerd.slots.waiting`."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.deadlines import Deadlines
from hangerd.slots.errors import ClientFull, TooManyReaders
from hangerd.slots.limits import Quota
from hangerd.slots.slot import Opened, Outcome, Pending, Slot, State, Waiter
from hangerd.slots.waiting import Waiting


class WaitingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.deadlines = Deadlines()
        self.holding = Quota("requests", 10, 4)
        self.left: list[Slot] = []
        self.waiting = Waiting(
            self.clock.seconds, self.deadlines, self.holding, 3, self.left.append
        )
        self.slot = Slot(Opened("r", "w", 10.0), "opener")
        self.told: list[tuple[str, Outcome]] = []

    def join(
        self, name: str, *, client: str = "", wait: float | None = None, watching: bool = False
    ) -> Waiter:
        return self.waiting.join(
            self.slot,
            client or name,
            lambda outcome: self.told.append((name, outcome)),
            wait,
            watching=watching,
        )

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        for call in self.deadlines.due(self.clock.seconds()):
            call()

    def test_first_come_first_served(self) -> None:
        waiters = [self.join(name) for name in "abc"]
        self.assertEqual([self.waiting.next_reader(self.slot) for _ in range(3)], waiters)
        self.assertIsNone(self.waiting.next_reader(self.slot))
        self.assertEqual(self.holding.used, 0)

    def test_who_waits_longest(self) -> None:
        self.assertIsNone(self.waiting.oldest)
        waiters = []
        for name in "abc":
            self.clock.advance(1.0)
            waiters.append(self.join(name))
        self.assertEqual(self.waiting.oldest, 1.0)
        self.waiting.leave(waiters[1])
        self.assertEqual(self.waiting.oldest, 1.0)
        self.waiting.next_reader(self.slot)
        self.assertEqual(self.waiting.oldest, 3.0)
        self.waiting.dismiss(self.slot)
        self.assertIsNone(self.waiting.oldest)

    def test_nobody_waits(self) -> None:
        self.assertIsNone(self.waiting.next_reader(self.slot))
        self.assertEqual(self.waiting.dismiss(self.slot), ([], []))

    def test_watchers_are_no_readers(self) -> None:
        self.join("watcher", watching=True)
        self.assertIsNone(self.waiting.next_reader(self.slot))
        self.assertEqual(self.holding.used, 1)

    def test_each_line_has_an_end(self) -> None:
        for name in "abc":
            self.join(name)
            self.join("w" + name, watching=True)
        self.assertRaises(TooManyReaders, self.join, "d")
        self.assertRaises(TooManyReaders, self.join, "wd", watching=True)
        self.assertEqual(self.holding.used, 6)

    def test_one_client_holds_only_so_many(self) -> None:
        for number in range(4):
            self.waiting.leave(self.join("a", client="one"))
            self.join(str(number), client="one", watching=number > 1)
        self.assertRaises(ClientFull, self.join, "x", client="one")

    def test_the_refused_leave_no_trace(self) -> None:
        self.holding.take("one", 4)
        self.assertRaises(ClientFull, self.join, "x", client="one", wait=5.0)
        self.assertEqual((len(self.deadlines), self.slot.readers), (0, None))

    def test_leaving(self) -> None:
        first, second = self.join("a", wait=5.0), self.join("b")
        self.waiting.leave(first)
        self.assertEqual((self.left, self.holding.used, len(self.deadlines)), ([], 1, 0))
        self.waiting.leave(second)
        self.assertEqual((self.left, self.holding.used), ([self.slot], 0))

    def test_leaving_twice_is_harmless(self) -> None:
        waiter = self.join("a")
        self.join("b")
        self.waiting.leave(waiter)
        self.waiting.leave(waiter)
        self.assertEqual(self.holding.used, 1)

    def test_a_watcher_leaves_without_word(self) -> None:
        watcher = self.join("a", watching=True, wait=3.0)
        self.join("b", watching=True)
        self.waiting.leave(watcher)
        self.waiting.leave(watcher)
        self.assertEqual((self.left, self.holding.used, len(self.deadlines)), ([], 1, 0))

    def test_the_wait_is_over(self) -> None:
        self.join("a", wait=5.0)
        self.join("b", wait=9.0)
        self.pass_time(4.9)
        self.assertEqual(self.told, [])
        self.pass_time(0.1)
        self.assertEqual(self.told, [("a", Pending(State.OPEN))])
        self.assertEqual((self.left, self.holding.used), ([], 1))
        self.pass_time(10.0)
        self.assertEqual(len(self.told), 2)
        self.assertEqual(self.left, [self.slot])

    def test_a_watchers_wait_is_over(self) -> None:
        self.join("a", wait=5.0, watching=True)
        self.slot.state = State.LEASED
        self.pass_time(5.0)
        self.assertEqual(self.told, [("a", Pending(State.LEASED))])
        self.assertEqual(self.left, [])

    def test_the_served_are_not_told_again(self) -> None:
        self.join("a", wait=5.0)
        self.waiting.next_reader(self.slot)
        self.pass_time(10.0)
        self.assertEqual((self.told, len(self.deadlines)), ([], 0))

    def test_dismissing_all(self) -> None:
        reader = self.join("a", wait=5.0)
        watcher = self.join("b", wait=5.0, watching=True)
        self.assertEqual(self.waiting.dismiss(self.slot), ([reader], [watcher]))
        self.assertEqual((self.holding.used, len(self.deadlines)), (0, 0))
        self.waiting.leave(reader)
        self.waiting.leave(watcher)
        self.assertEqual(self.holding.used, 0)
