"""Rounds: who is started when, and what becomes of those who can not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from twisted.trial.unittest import SynchronousTestCase

from bench.contest import Case, Contest, Contestant, Measure, NotMeasured
from bench.rounds import play


def contest(log: list[str], *cases: Case[str], names: str = "ab") -> Contest[str]:
    """Give contestants that say when they start and stop."""

    def starter(name: str) -> Callable[[], AbstractContextManager[str]]:
        @contextmanager
        def start() -> Iterator[str]:
            log.append(f"+{name}")
            yield name
            log.append(f"-{name}")

        return start

    return Contest("c", "", [Contestant(name, starter(name)) for name in names], cases)


class RoundsTests(SynchronousTestCase):
    """One after another, and again."""

    def test_contestants_alternate(self) -> None:
        log: list[str] = []
        case: Case[str] = Case([Measure("m", "1")], lambda name: [float(len(log))])
        rows = play(contest(log, case), 2, lambda line: None)
        self.assertEqual(log, ["+a", "-a", "+b", "-b"] * 2)
        self.assertEqual(rows[0].figures, {"a": [1.0, 5.0], "b": [3.0, 7.0]})

    def test_what_can_not_be_measured_is_not_tried_again(self) -> None:
        tried: list[str] = []

        def run(name: str) -> list[float]:
            tried.append(name)
            raise NotMeasured("it has none")

        rows = play(contest([], Case([Measure("m", "1")], run), names="a"), 3, lambda line: None)
        self.assertEqual((tried, rows[0].reasons), (["a"], {"a": "it has none"}))

    def test_what_takes_long_is_measured_in_some_rounds_only(self) -> None:
        case: Case[str] = Case([Measure("m", "1")], lambda name: [1.0], most=2)
        rows = play(contest([], case), 3, lambda line: None)
        self.assertEqual(rows[0].figures, {"a": [1.0, 1.0], "b": [1.0, 1.0]})

    def test_what_is_not_seen_from_outside_is_said(self) -> None:
        measures = [Measure("m", "1"), Measure("n", "1")]
        case: Case[str] = Case(measures, lambda name: [1.0, None])
        seen, unseen = play(contest([], case, names="a"), 2, lambda line: None)
        self.assertEqual(seen.figures, {"a": [1.0, 1.0]})
        self.assertEqual((unseen.figures, list(unseen.reasons)), ({}, ["a"]))

    def test_a_failure_in_a_later_round_takes_the_figures_back(self) -> None:
        figures = iter([1.0])

        def run(name: str) -> list[float]:
            for figure in figures:
                return [figure]
            raise OSError("lost")

        rows = play(contest([], Case([Measure("m", "1")], run), names="a"), 2, lambda line: None)
        self.assertEqual((rows[0].figures, rows[0].reasons), ({}, {"a": "failed: OSError('lost')"}))
