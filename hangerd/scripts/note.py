"""What the access log says of a run: kept apart from the run, so that a request can hold it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class RunNote:
    """A run's id, its script as a path under the root, and what became of it.

    `waited` is how long it waited for a thread, in seconds. `ended` is "" for a run that came to
    its end, else how it ended (`outcome.Kind`); what was said there first is not changed again.
    """

    run: str
    script: str
    waited: float = 0.0
    ended: str = ""
