"""When the reading thread of the Python runner sleeps, without sockets or time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.runners.python import poller
from hangerd.hosts.runners.python.poller import AWAKE, Poller

READABLE = 1


class Kernel:
    """Stands for select.poll and for the clock: each look takes a third of AWAKE."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks: list[float | None] = []
        self.answers: list[list[tuple[int, int]]] = []

    def register(self, descriptor: int, events: int) -> None: ...

    def poll(self, patience: float | None) -> list[tuple[int, int]]:
        self.looks.append(patience)
        self.now += AWAKE / 3
        return self.answers.pop(0) if self.answers else []

    def monotonic(self) -> float:
        return self.now


class Port:
    read = 0

    def fileno(self) -> int:
        return 99

    def readable(self) -> None:
        self.read += 1

    def writable(self) -> None: ...


class PollerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.kernel: Any = Kernel()
        select = SimpleNamespace(poll=lambda: self.kernel, POLLIN=READABLE, POLLOUT=4)
        self.patch(poller, "select", select)
        self.patch(poller, "time", self.kernel)
        os = SimpleNamespace(pipe=lambda: (97, 98), set_blocking=lambda *_: None)
        self.patch(poller, "os", os)
        self.poller = Poller()
        self.port = Port()
        self.poller.add(self.port)

    def test_a_turn_sleeps(self) -> None:
        self.poller.turn(eager=True)
        self.assertEqual(self.kernel.looks, [None])

    def test_what_comes_at_once_finds_it_awake(self) -> None:
        self.poller.expects = True
        self.kernel.answers = [[], [(99, READABLE)]]
        self.poller.turn(eager=True)
        self.assertEqual((self.kernel.looks, self.port.read), ([0, 0], 1))
        self.assertFalse(self.poller.expects)

    def test_it_sleeps_when_nothing_comes(self) -> None:
        self.poller.expects = True
        self.poller.turn(eager=True)
        self.assertEqual(self.kernel.looks, [0, 0, 0, None])

    def test_not_while_others_work(self) -> None:
        self.poller.expects = True
        self.poller.turn()
        self.assertEqual(self.kernel.looks, [None])
        self.assertTrue(self.poller.expects)
