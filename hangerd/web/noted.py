"""A request and the run that it asked for: the access log has one line for both.

The line is written when the answer is finished, or when the client leaves before that.
"""

from __future__ import annotations

from typing import Any

from hangerd.scripts.note import RunNote


def set_note(request: Any, note: RunNote) -> None:
    """Have what becomes of a run stand in the line about this request."""
    request.run_note = note


def take_note(request: Any) -> RunNote | None:
    """Give what the line about a request has to say of a run; once, as there is one line."""
    note: RunNote | None = getattr(request, "run_note", None)
    if note is not None:
        request.run_note = None
    return note


def log_leaving(request: Any) -> None:
    """Write the line about a run's request whose client left, if there is none yet."""
    note: RunNote | None = request.run_note
    if note is not None:
        note.ended = note.ended or "disconnect"
        request.channel.site.log(request)
