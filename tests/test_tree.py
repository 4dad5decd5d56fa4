"""Tests of `hangerd.tree`."""

from __future__ import annotations

from typing import Any

from twisted.application.service import MultiService, Service
from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock
from twisted.logger import ILogObserver
from twisted.python.components import Componentized
from twisted.trial.unittest import SynchronousTestCase

from hangerd.tree import ServiceTree


class Child(Service):
    """Notes when it starts and stops; stops when `stopped` fires."""

    def __init__(self, name: str, notes: list[str], stopped: Any = None) -> None:
        self.name = name
        self.notes = notes
        self.stopped = stopped

    def startService(self) -> None:
        super().startService()
        self.notes.append(f"+{self.name}")

    def stopService(self) -> Any:
        super().stopService()
        self.notes.append(f"-{self.name}")
        return self.stopped


class Broken(Child):
    def stopService(self) -> Any:
        super().stopService()
        raise ValueError("broken")


class TreeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.notes: list[str] = []

    def tree(self, start: list[Child], stop: list[Child]) -> ServiceTree:
        tree = ServiceTree(self.clock, stop, 4.0)
        for child in start:
            child.setServiceParent(tree)
        tree.startService()
        self.addCleanup(self.assertEqual, self.clock.getDelayedCalls(), [])
        return tree

    def child(self, name: str, stopped: Any = None) -> Child:
        return Child(name, self.notes, stopped)

    def test_one_by_one_in_their_order(self) -> None:
        first: Deferred[None] = Deferred()
        a, b, c = self.child("a"), self.child("b", first), self.child("c")
        tree = self.tree([a, b, c], [c, b, a])
        stopped = tree.stopService()
        self.assertEqual(self.notes, ["+a", "+b", "+c", "-c", "-b"])
        self.assertNoResult(stopped)
        first.callback(None)
        self.successResultOf(stopped)
        self.assertEqual(self.notes[-1], "-a")
        self.assertFalse(tree.running)

    def test_the_slow_do_not_hold_up_the_others_for_ever(self) -> None:
        slow, last = self.child("slow", Deferred()), self.child("last")
        stopped = self.tree([slow, last], [slow, last]).stopService()
        self.clock.advance(3.9)
        self.assertNoResult(stopped)
        self.clock.advance(0.1)
        self.successResultOf(stopped)
        self.assertEqual(self.notes[-1], "-last")

    def test_the_time_is_for_all_together(self) -> None:
        children = [self.child(name, Deferred()) for name in "abc"]
        stopped = self.tree(children, children).stopService()
        self.clock.pump([4.0, 0.0, 0.0])
        self.successResultOf(stopped)
        self.assertEqual(self.notes[-3:], ["-a", "-b", "-c"])
        self.assertEqual(self.clock.seconds(), 4.0)

    def test_one_that_fails_is_logged_and_passed_by(self) -> None:
        broken, failed = Broken("a", self.notes), self.child("b", fail(KeyError("b")))
        last = self.child("c")
        children = [broken, failed, last]
        self.successResultOf(self.tree(children, children).stopService())
        self.assertEqual(self.notes[-1], "-c")
        self.assertEqual(len(self.flushLoggedErrors(ValueError, KeyError)), 2)

    def test_hands_its_log_to_the_application(self) -> None:
        class Application(MultiService, Componentized):
            def __init__(self) -> None:
                MultiService.__init__(self)
                Componentized.__init__(self)

        for observer in (lambda _: None, None):
            application = Application()
            tree = ServiceTree(self.clock, [], 1.0, observer)  # type: ignore[arg-type]
            tree.setServiceParent(application)
            self.assertIs(application.getComponent(ILogObserver), observer)
