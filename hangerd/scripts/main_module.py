"""What Python does around a main module: exit("text"), the excepthook that it set, atexit."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import CodeType
from typing import Any, Protocol

from hangerd.scripts.gate import Gate
from hangerd.scripts.program import Program


class Around(Protocol):
    """What is needed of the run. `streams` is what it has of its own in sys."""

    gate: Gate
    streams: dict[str, Any]

    def write_text(self, text: str, err: bool = False) -> None:
        """Send text to the visitor."""


def run_main(run: Around, program: Program, code: CodeType) -> None:
    """Run a script's code to its end, in the thread that calls this. Raises what it raised."""
    try:
        exec(code, program.main.__dict__)  # noqa: S102 - the purpose of it all
    except SystemExit as exit_:
        if exit_.code is None or isinstance(exit_.code, int):
            raise
        run.write_text(str(exit_.code))
    except Exception as error:
        if (hook := run.streams.get("sys.excepthook")) is not None:
            trace = error.__traceback__
            hook(type(error), error, trace and trace.tb_next)  # without the line above
        raise
    finally:
        program.end()


def watch_forks(find: Callable[[], Any]) -> None:
    """Have forked children know that no reactor takes what they print; `find` gives their run.

    Without it one would wait for ever for its visitor to take it.
    """

    def begin_child() -> None:
        run = find()
        if run is not None:
            run.gate.begin_child()

    os.register_at_fork(after_in_child=begin_child)
