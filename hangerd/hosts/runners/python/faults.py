"""Exceptions as faults: {type, message, stack, cause}, with the user's frames alone."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

DEEPEST_CAUSE = 8
_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


class CallError(Exception):
    """A fault that is not the function's; `code` is one of docs/wire.md."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CallCancelled(BaseException):
    """Raised in a function whose call was cancelled; `except Exception` lets it through."""


def describe_error(error: BaseException, depth: int = 0) -> dict[str, Any]:
    """Return an exception as JSON values."""
    fault: dict[str, Any] = {
        "type": type(error).__qualname__,
        "message": _text(error),
        "stack": "" if isinstance(error, CallError) else stack_of(error),
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < DEEPEST_CAUSE:
        fault["cause"] = describe_error(cause, depth + 1)
    return fault


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(an error whose text cannot be shown)"


def stack_of(error: BaseException) -> str:
    """Return what Python prints for an exception, from the user's first frame on."""
    import traceback  # 4 ms that most processes never need

    frames = _users(error.__traceback__)
    try:
        told = traceback.TracebackException(type(error), error, frames)
    except Exception:
        return f"{type(error).__qualname__}: {_text(error)}\n"
    return "".join(told.format())


def _users(frames: TracebackType | None) -> TracebackType | None:
    """Leave out the runner's frames above the user's, and what lies between those."""
    chain = []
    while frames is not None:
        chain.append(frames)
        frames = frames.tb_next
    own = [at for at, each in enumerate(chain) if _is_own(each)]
    if own and own[-1] + 1 < len(chain):
        return chain[own[-1] + 1]
    return next((each for each in chain if not _is_own(each)), None)


def _is_own(frame: TracebackType) -> bool:
    return frame.tb_frame.f_code.co_filename.startswith(_OWN)


def was_not_entered(error: BaseException) -> bool:
    """Say whether a TypeError is about the call itself: no frame of the user's is in it."""
    return isinstance(error, TypeError) and _users(error.__traceback__) is None
