"""A run without a script: what the process-wide seams find when they ask whose code runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from logging import WARNING, Handler
from types import ModuleType
from typing import Any

from hangerd.scripts.current import CURRENT
from hangerd.scripts.gate import Gate
from hangerd.scripts.importer import RunModules


class FakeRun:
    """Writes down what it is told, and answers from lists."""

    def __init__(self) -> None:
        self.argv = ["script.py"]
        self.gate = Gate(lambda thread, error: None)
        self.streams: dict[str, Any] = {}
        self.log_handlers: list[Handler] = []
        self.log_level = WARNING
        self.own = {"__main__": ModuleType("__main__")}
        self.may_wait = True
        self.out: list[Any] = []
        self.lines: list[str] = []
        self.asked: list[tuple[str, bool]] = []
        self.specs: dict[str, ModuleSpec] = {}

    @property
    def modules(self) -> MutableMapping[str, ModuleType]:
        return RunModules(self.own)

    def at_end(self, call: Callable[[], object]) -> None:
        call()

    def write_text(self, text: str, err: bool = False) -> None:
        self.out.append(("err", text) if err else text)

    def write_bytes(self, data: bytes, err: bool = False) -> None:
        self.out.append(("err", data) if err else data)

    def flush(self) -> None:
        self.out.append("flush")

    def ask(self, prompt: str, password: bool = False) -> str:
        self.asked.append((prompt, password))
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)

    def import_module(self, name: str) -> ModuleType | None:
        return self.own.get(name)

    def find_spec(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        return self.specs.get(name)


@contextmanager
def inside(run: FakeRun) -> Iterator[None]:
    """Be in this run, as its threads are."""
    token = CURRENT.set(run)
    try:
        yield
    finally:
        CURRENT.reset(token)
