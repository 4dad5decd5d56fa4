"""Which run the code that runs now belongs to: by context, never by thread name or by global."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from contextvars import ContextVar
from importlib.machinery import ModuleSpec
from logging import Handler
from types import ModuleType
from typing import Any, Protocol

from hangerd.scripts.gate import Gate


class Running(Protocol):
    """What the process-wide routing needs of a run."""

    argv: list[str]
    gate: Gate
    streams: dict[str, Any]  # what the script assigned to sys.stdout and its like
    log_handlers: list[Handler]  # of the root logger
    log_level: int

    @property
    def modules(self) -> MutableMapping[str, ModuleType]:
        """The run's view of sys.modules."""

    @property
    def may_wait(self) -> bool:
        """Whether the caller is in a thread that may be blocked."""

    def at_end(self, call: Callable[[], object]) -> None:
        """Have `call` called on the reactor thread when the run is over."""

    def write_text(self, text: str, err: bool = False) -> None:
        """Print; raises what ended the run."""

    def write_bytes(self, data: bytes, err: bool = False) -> None:
        """Print bytes; raises what ended the run."""

    def flush(self) -> None:
        """Raise what ended the run, if anything did."""

    def ask(self, prompt: str, password: bool = False) -> str:
        """Ask the visitor for a line. Raises EOFError, KeyboardInterrupt, what ended the run."""

    def import_module(self, name: str) -> ModuleType | None:
        """Import a module of the document root; None when it is none."""

    def find_spec(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """Find a module of the document root; None when it is none."""


CURRENT: ContextVar[Running | None] = ContextVar("hangerd_run", default=None)
