"""Alternating rounds: each contestant is started, measured and stopped, one after another, again.

What a busy neighbour takes in one minute it so takes from all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bench.contest import Case, Contest, Contestant, NotMeasured
from bench.results import Row

T = TypeVar("T")
_ELSEWHERE = "it is not seen of a server that runs elsewhere"
_FAILURES = (NotMeasured, OSError, ValueError, AssertionError)


def play(contest: Contest[T], rounds: int, say: Callable[[str], None]) -> list[Row]:
    """Give the rows of all cases. A case that fails once is not tried again with that server."""
    rows = {id(case): [Row(measure) for measure in case.measures] for case in contest.cases}
    for number in range(rounds):
        for contestant in contest.contestants:
            say(f"{contest.name}, round {number + 1} of {rounds}: {contestant.name}")
            _round(contestant, contest, rows, say)
    return [row for case in contest.cases for row in rows[id(case)]]


def _round(
    contestant: Contestant[T],
    contest: Contest[T],
    rows: dict[int, list[Row]],
    say: Callable[[str], None],
) -> None:
    try:
        with contestant.start() as server:
            for case in contest.cases:
                if _is_due(case, contestant.name, rows[id(case)]):
                    say(f"- {case.measures[0].title}")
                    _measure(case, server, contestant.name, rows[id(case)])
    except _FAILURES as error:
        for case in contest.cases:
            _give_up(rows[id(case)], contestant.name, error)


def _is_due(case: Case[T], name: str, rows: list[Row]) -> bool:
    """Whether it did not fail with this server, nor run in as many rounds as it is worth."""
    if all(name in row.reasons for row in rows):
        return False
    done = max(len(row.figures.get(name, ())) for row in rows)
    return case.most is None or done < case.most


def _measure(case: Case[T], server: T, name: str, rows: list[Row]) -> None:
    try:
        figures = case.run(server)
    except _FAILURES as error:
        _give_up(rows, name, error)
        return
    for row, figure in zip(rows, figures, strict=True):
        if figure is None:
            row.reasons[name] = _ELSEWHERE
        else:
            row.figures.setdefault(name, []).append(figure)


def _give_up(rows: list[Row], name: str, error: Exception) -> None:
    reason = str(error) if isinstance(error, NotMeasured) else f"failed: {error!r}"
    for row in rows:
        row.figures.pop(name, None)
        row.reasons.setdefault(name, reason)
