"""Tests of `hangerd.client.spawning`: waiting for a daemon that another program has started."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from hangerd.client import spawning
from hangerd.client.errors import StartFailed, Unreachable
from hangerd.client.finding import Place, read_place
from hangerd.client.pipes import Address
from hangerd.client.spawning import START_WITHIN, Spawner


class FakeIo:
    """Time that passes in `sleep` alone; connections are taken while there is a daemon."""

    shared = False

    def __init__(self) -> None:
        self.time = 0.0
        self.takes = True
        self.slept: Callable[[], object] = lambda: None

    def now(self) -> float:
        return self.time

    async def open(self, address: Address, receiver: object, deadline: float | None) -> Any:
        if not self.takes:
            raise ConnectionRefusedError
        return self

    def close(self) -> None: ...

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.slept()

    async def aside(self, work: Callable[[], Any]) -> Any:
        return work()


class WaitingTests(SynchronousTestCase):
    """A daemon holds the lock of the state directory: it is starting, or never answers."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        (self.folder / "token").write_text("secret")
        lock = (self.folder / "lock").open("w")
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)
        self.io: Any = FakeIo()

    def ready(self, **more: object) -> None:
        told = {"control_token_file": str(self.folder / "token"), "local": ["unix:/x"], **more}
        (self.folder / "ready.json").write_text(json.dumps(told))

    def start(self) -> Deferred[None]:
        return Deferred.fromCoroutine(Spawner(self.io, 1.0).start(self.folder, None))

    def test_until_it_is_ready(self) -> None:
        self.io.slept = self.ready
        self.successResultOf(self.start())

    def test_that_becomes_ready_while_it_is_looked_for(self) -> None:
        def read_too_early(state_dir: Path) -> Place:
            try:
                return read_place(state_dir)
            except Unreachable:
                self.ready()
                raise

        self.patch(spawning, "read_place", read_too_early)
        self.io.slept = self.ready
        self.successResultOf(self.start())

    def test_that_ends_while_it_is_looked_for(self) -> None:
        def read_too_late(state_dir: Path) -> Place:
            (state_dir / "ready.json").unlink()
            self.patch(spawning, "read_place", read_place)
            return read_place(state_dir)

        self.ready()
        self.patch(spawning, "read_place", read_too_late)
        self.io.slept = self.ready
        self.successResultOf(self.start())

    def test_that_programs_cannot_reach(self) -> None:
        self.ready(local=[])
        self.assertIn("no socket", str(self.failureResultOf(self.start(), Unreachable).value))

    def test_that_does_not_answer(self) -> None:
        self.ready()
        self.io.takes = False
        failed = self.failureResultOf(self.start(), StartFailed)
        self.assertIn("does not answer", str(failed.value))
        self.assertGreaterEqual(self.io.time, START_WITHIN)
