"""One question to the visitor: input() waits in its thread, the reactor brings the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hangerd.scripts.errors import Timeout
from hangerd.scripts.gate import Gate

Ending = Literal["eof", "interrupt", "timeout"]


@dataclass(eq=False)
class Question:
    """Asked by a thread, answered once by the reactor."""

    gate: Gate
    prompt: str
    password: bool
    _line: str | None = field(default=None, init=False)
    _ending: Ending | None = field(default=None, init=False)

    def answer(self, line: str) -> None:
        """Bring the visitor's line, without its line break."""
        with self.gate.lock:
            self._line = line
            self.gate.notify()

    def refuse(self, ending: Ending) -> None:
        """Say that there will be no answer, and why."""
        with self.gate.lock:
            self._ending = ending
            self.gate.notify()

    def wait(self) -> str:
        """Return the line. Raises EOFError, KeyboardInterrupt, Timeout, what ended the run."""
        self.gate.wait(
            lambda: self._line is not None or bool(self._ending) or self.gate.disconnected
        )
        if self._line is not None:
            return self._line
        if self._ending == "interrupt":
            raise KeyboardInterrupt
        if self._ending == "timeout":
            raise Timeout
        raise EOFError("the visitor has no more input")
