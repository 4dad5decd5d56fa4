"""Runs the client's coroutines in the calling thread."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine whose awaits all block, and so never suspend it."""
    try:
        work.send(None)
    except StopIteration as done:
        found: Result = done.value
        return found
    work.close()
    raise RuntimeError("a coroutine of another kind of client cannot be waited for here")
