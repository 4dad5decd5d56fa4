"""Runs a script in a thread of its own, as the pool would, and collects what it prints."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from textwrap import dedent
from typing import Any

from hangerd.scripts.extensions import Extensions
from hangerd.scripts.loop import ScriptLoop
from hangerd.scripts.outcome import DONE
from hangerd.scripts.output import Chunk
from hangerd.scripts.questions import Question
from hangerd.scripts.run import Run
from hangerd.scripts.settings import ScriptSettings
from hangerd.scripts.shared import Globals
from hangerd.scripts.sources import Sources
from hangerd.scripts.surroundings import Shared
from hangerd.scripts.visit import Visit


@dataclass
class Stage:
    """One document root, with what its runs share."""

    root: Path
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sources = Sources(lambda _: ScriptSettings())
        root, extensions, loop = str(self.root), Extensions(str(self.root)), ScriptLoop()
        tell = lambda _, told: self.log.append(told)  # noqa: E731
        shared = Globals(root, self.sources, extensions, loop, tell)
        self.shared = Shared(self.sources, extensions, loop, shared, {})

    def play(self, name: str, **visit: Any) -> Play:
        """Start a script and return at once."""
        return Play(self, name, visit)

    def close(self) -> None:
        """Let the coroutines' thread leave."""
        self.shared.loop.stop()


class Play:
    """A run, its thread, and its output so far; the thread's own sink."""

    def __init__(self, stage: Stage, name: str, visit: dict[str, Any]) -> None:
        path = str(stage.root / name)
        body = visit.pop("body", b"")
        facts: dict[str, Any] = {
            "id": "1",
            "method": "GET",
            "uri": f"/{name}",
            "version": "1.1",
            "headers": (),
            **visit,
        }
        self.visit = Visit(
            body=BytesIO(body),
            body_size=len(body),
            document_root=str(stage.root),
            script=path,
            script_name=f"/{name}",
            path_info="",
            **facts,
        )
        self.outcome = DONE
        self.out = b""
        self.err = b""
        self.answers: list[str] = []
        self.limits: list[float | None] = []
        self.changed = threading.Event()
        stage.shared.globals.look()
        self.run = Run(self.visit, stage.sources.get(path), stage.shared, self)
        self.thread = threading.Thread(target=self._execute, daemon=True)
        self.thread.start()

    def wake(self) -> None:
        """Say that there is output."""
        self.changed.set()

    def settled(self) -> None:
        """Say that no coroutine is left."""
        self.changed.set()

    def set_time_limit(self, seconds: float | None) -> None:
        """Note it."""
        self.limits.append(seconds)

    def take(self) -> None:
        """Take what there is, and answer what is asked."""
        while items := self.run.output.take():
            for item in items:
                match item:
                    case Chunk(err, data):
                        self.err += data if err else b""
                        self.out += b"" if err else data
                    case Question():
                        if self.answers:
                            item.answer(self.answers.pop(0))
                        else:
                            item.refuse("eof")

    def finish(self) -> Play:
        """Take all output until thread and coroutines have ended."""
        while self.thread.is_alive() or self.run.coroutines.pending:
            self.take()
            self.changed.wait(0.02)
            self.changed.clear()
        self.take()
        self.run.close()
        return self

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()

    def _execute(self) -> None:
        self.outcome = self.run.execute()


def play(stage: Stage, source: str, **visit: Any) -> Play:
    """Start a script with this source."""
    (stage.root / "script.py").write_text(dedent(source))
    return stage.play("script.py", **visit)


def run(stage: Stage, source: str, **visit: Any) -> Play:
    """Run a script to its end, which has to be a good one."""
    played = play(stage, source, **visit).finish()
    assert played.outcome == DONE, played.outcome
    return played


def failing(stage: Stage, source: str, **visit: Any) -> str:
    """Run a script to its end, and return what it raised."""
    return play(stage, source, **visit).finish().outcome.error


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition that other threads bring about."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
