"""The scripts service without threads: the test says when a worker works and the reactor turns."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from io import BytesIO
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import Clock

from hangerd.scripts.active import ActiveRun
from hangerd.scripts.inbox import Inbox
from hangerd.scripts.note import RunNote
from hangerd.scripts.outcome import Outcome
from hangerd.scripts.pool import Pool
from hangerd.scripts.pump import Visitor
from hangerd.scripts.questions import Question
from hangerd.scripts.response import Head
from hangerd.scripts.routing import Routing
from hangerd.scripts.service import ScriptsService
from hangerd.scripts.settings import PoolLimits, ScriptSettings
from hangerd.scripts.visit import Visit
from hangerd.slots.limits import SlotLimits
from hangerd.slots.service import SlotsService


class TurningClock(Clock):
    """A Clock with callFromThread: what came from threads is called by `turn`."""

    def __init__(self) -> None:
        super().__init__()
        self.from_threads: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def callFromThread(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Keep a call for the next turn."""
        self.from_threads.append((call, args, kwargs))

    def turn(self) -> None:
        """Make all calls, those too that they bring about."""
        while self.from_threads:
            call, args, kwargs = self.from_threads.pop(0)
            call(*args, **kwargs)


class FakeVisitor(Visitor):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.producer: Any = None
        self.outcome: Outcome | None = None
        self.takes_questions = True
        self.pause_at: int | None = None

    def begin(self, note: RunNote, producer: IPushProducer) -> None:
        self.note = note
        self.producer = producer

    def out(self, head: Head, data: bytes) -> None:
        self.told.append(data)
        if self.pause_at is not None and len(self.text) >= self.pause_at:
            self.producer.pauseProducing()

    def err(self, head: Head, data: bytes) -> None:
        self.told.append(("err", data))

    def ask(self, head: Head, question: Question, token: str) -> bool:
        self.told.append(("ask", question.prompt, token))
        return self.takes_questions

    def answered(self, question: Question, line: str | None) -> None:
        self.told.append(("answered", line))

    def end(self, head: Head, outcome: Outcome) -> None:
        assert self.outcome is None
        self.outcome = outcome

    @property
    def text(self) -> bytes:
        return b"".join(item for item in self.told if isinstance(item, bytes))


class FakeCrew:
    """Counts threads instead of starting them; `work` does what they would."""

    def __init__(self) -> None:
        self.hired = self.dismissed = self.woken = 0
        self.jobs: list[Callable[[], None]] = []

    def hire(self) -> None:
        self.hired += 1

    def give(self, job: Callable[[], None]) -> None:
        self.jobs.append(job)

    def wake(self) -> None:
        self.woken += 1

    def dismiss(self, count: int) -> None:
        self.dismissed += count

    def work(self) -> None:
        """Do the jobs that are there now."""
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            job()


class Serving:
    """A service over a folder, with threads that work when they are told."""

    def __init__(self, threads: int = 1, queue: int = 1, max_zombies: int = 2) -> None:
        self.clock = TurningClock()
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.crew = FakeCrew()
        inbox = Inbox(self.clock)
        at_turn_end = partial(self.clock.callLater, 0)
        self.pool = Pool(threads, queue, self.crew, at_turn_end, inbox.callFromThread)
        tokens = map("{:016}".format, count())
        self.slots = SlotsService(self.clock, lambda: next(tokens), SlotLimits())
        self.service = ScriptsService(
            self.clock,
            self.slots,
            str(self.root),
            self.pool,
            inbox,
            PoolLimits(threads, queue, queue_wait=5, max_zombies=max_zombies),
            lambda _: ScriptSettings(timeout=10),
            {},
            Routing(),
        )
        self._ids = count(1)
        self.slots.startService()
        self.service.startService()

    def run(self, source: str, name: str = "script.py", **facts: Any) -> FakeVisitor:
        """Ask for a script with this source."""
        visitor = FakeVisitor()
        self.active: ActiveRun = self.service.run(
            self.visit(source, name, **facts), lambda _: visitor
        )
        return visitor

    def visit(self, source: str, name: str = "script.py", **facts: Any) -> Visit:
        """Write a script and describe a request for it."""
        path = self.root / name
        path.write_text(dedent(source))
        known: dict[str, Any] = {"id": str(next(self._ids)), "method": "GET", "uri": f"/{name}"}
        return Visit(
            version="1.1",
            headers=(),
            body=BytesIO(),
            body_size=0,
            document_root=str(self.root),
            script=str(path),
            script_name=f"/{name}",
            path_info="",
            **{**known, **facts},
        )

    @property
    def active_run(self) -> ActiveRun:
        """Return the run that came last."""
        return self.service.runs()[-1]

    def work(self) -> None:
        """Let the threads do the jobs that they have, here and now."""
        self.crew.work()
        self.clock.turn()
        self.clock.advance(0)

    def close(self) -> None:
        """Stop and clean up."""
        if self.service.running:
            self.service.stopService()
        self.clock.turn()
        self.clock.advance(2)
        self.clock.turn()
        self.slots.stopService()
        self.folder.cleanup()
