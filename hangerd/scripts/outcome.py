"""How a run ended: said once, for the visitor, the log and the list of runs.

Made in the script's thread, since to describe an exception can run the script's code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from traceback import TracebackException
from typing import Any, Literal

from hangerd.scripts import errors
from hangerd.scripts.exceptions import HTTPException, WebSocketClientClosed

Kind = Literal["done", "exit", "http", "error", "timeout", "disconnect", "stop", "overflow"]

_OURS = str(Path(__file__).parent) + "/"
_ENDS: dict[type[BaseException], tuple[Kind, int, str]] = {
    errors.Timeout: ("timeout", 504, "The script took too long."),
    errors.Stopped: ("stop", 503, "The script was stopped."),
    errors.ClientDisconnected: ("disconnect", 499, "The visitor went away."),
    WebSocketClientClosed: ("disconnect", 499, "The visitor went away."),
    errors.OutputOverflow: ("overflow", 500, "A coroutine printed faster than it can be sent."),
}


@dataclass(frozen=True)
class Outcome:
    """The end of a run.

    `status` is the HTTP status if nothing has been sent; `exit_code` what a shell would see.
    `message` is for the visitor, `error` and `trace` are for the log and for --debug.
    """

    kind: Kind = "done"
    status: int = 200
    exit_code: int = 0
    message: str = ""
    error: str = ""
    trace: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())

    @cached_property  # asked for several times of the one that most runs share
    def whole(self) -> bool:
        """Whether the answer is complete, and may end as one."""
        return self.kind in ("done", "exit")


DONE = Outcome()


def outcome_of(error: BaseException) -> Outcome:
    """Say how a run ended that raised this."""
    for kind, (name, status, message) in _ENDS.items():
        if isinstance(error, kind):
            return Outcome(name, status, 1, message, type(error).__name__)
    if isinstance(error, SystemExit):
        return _exited(error.code)
    if isinstance(error, HTTPException) or _is_http(error):
        return _answered(error)
    return Outcome("error", 500, 1, "The script failed.", _named(error), describe(error))


def describe(error: BaseException) -> str:
    """Return the traceback with the script's frames only."""
    try:
        trace = TracebackException.from_exception(error)
        _trim(trace)
        return "".join(trace.format())
    except Exception as broken:  # a __str__ or __repr__ of the script's
        return f"{type(error).__name__} (which cannot be shown: {type(broken).__name__})\n"


def _exited(code: object) -> Outcome:
    number = code if isinstance(code, int) else int(code is not None)
    if not number:
        return DONE
    return Outcome("exit", 500, number, f"The script ended with exit status {number}.")


def _is_http(error: BaseException) -> bool:
    named = any(kind.__name__ == "HTTPException" for kind in type(error).__mro__)
    return named and isinstance(getattr(error, "code", None), int)


def _answered(error: Any) -> Outcome:
    status = error.code if 300 <= error.code <= 599 else 500
    message = getattr(error, "message", None) or getattr(error, "description", None)
    if not message:
        message = HTTPStatus(status).phrase
    headers = getattr(error, "headers", ()) or ()
    return Outcome("http", status, 1, str(message), _named(error), headers=tuple(headers))


def _named(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def _trim(trace: TracebackException) -> None:
    """Take the frames of the daemon and of importlib out, in what it was raised from too."""
    seen: list[TracebackException | None] = [trace]
    while seen:
        if (one := seen.pop()) is not None:
            one.stack[:] = [
                frame
                for frame in one.stack
                if not frame.filename.startswith((_OURS, "<frozen importlib"))
            ]
            seen += [one.__cause__, one.__context__]
