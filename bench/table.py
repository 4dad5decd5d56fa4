"""A suite's results as a Markdown table: medians, how far rounds lie apart, ratios.

Behind a peer's figure stands, in bold, how many times better hangerd's is.
"""

from __future__ import annotations

import math

from bench.contest import Measure
from bench.figures import is_noise, median, spread
from bench.results import Row, SuiteResult


def number(figure: float) -> str:
    """Give three significant digits, without an exponent."""
    if math.isinf(figure):
        return "∞"
    if figure == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(figure))))
    return f"{round(figure, digits):,.{digits}f}" if digits else f"{round(figure):,}"


def table(result: SuiteResult) -> str:
    """Give the whole of a suite: heading, table, notes; it ends with a newline."""
    head = ["", "unit", *result.contestants, "goal"]
    lines = [_line(head), _line(["---"] * len(head))]
    lines += [_line(_cells(row, result)) for row in result.rows]
    return "\n".join([f"### {result.name}", "", result.about, "", *lines, "", *_notes(result), ""])


def goals(results: list[SuiteResult]) -> str:
    """Give what hangerd is to reach, of all suites, in one table; it ends with a newline."""
    lines = [_line(["suite", "", "hangerd", "beside", "goal"]), _line(["---"] * 5)]
    for result in results:
        ours = result.contestants[0]
        for row in result.rows:
            if goal := row.measure.goal:
                peer = goal.beside
                told = f"{peer} {_beside(row, ours, peer)}" if peer else ""
                figure = f"{_figure(row, ours)} {row.measure.unit}"
                lines.append(
                    _line([result.name, row.measure.title, figure, told, _goal(row, ours)])
                )
    return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cells(row: Row, result: SuiteResult) -> list[str]:
    ours = result.contestants[0]
    told = [
        _beside(row, ours, name) if name in result.peers else _figure(row, name)
        for name in result.contestants
    ]
    return [row.measure.title, row.measure.unit, *told, _goal(row, ours)]


def _figure(row: Row, name: str) -> str:
    """Give the median and its noise; of what was not measured a dash."""
    figures = row.figures.get(name)
    if not figures:
        return "-"
    if len(figures) == 1:
        return number(figures[0])
    far = spread(figures)
    if not math.isfinite(far):
        return f"{number(median(figures))} (up to {number(max(figures))})"
    told = f"{'noise, ' if is_noise(figures) else ''}±{far * 100:.0f} %"
    return f"{number(median(figures))} ({told})"


def _beside(row: Row, ours: str, peer: str) -> str:
    if not {ours, peer} <= row.figures.keys():
        return _figure(row, peer)
    return f"{_figure(row, peer)} **x {number(row.advantage(ours, peer))}**"


def _goal(row: Row, ours: str) -> str:
    goal, reached = row.measure.goal, row.reached(ours)
    if goal is None:
        return ""
    told = {True: "reached", False: "not reached", None: "not measured"}[reached]
    return f"{_wanted(row.measure)}: {told}"


def _wanted(measure: Measure) -> str:
    goal = measure.goal
    assert goal is not None
    if goal.beside:
        return f"≥ {number(goal.value)} x {goal.beside}"
    return f"{'≥' if measure.higher else '≤'} {number(goal.value)} {measure.unit}"


def _notes(result: SuiteResult) -> list[str]:
    """Why fields are empty, who is absent, and with what it was measured."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in result.rows:
        for name, reason in row.reasons.items():
            reasons.setdefault((name, reason), []).append(row.measure.title)
    notes = [f"- {remark}" for remark in result.remarks]
    notes += [
        f"- {name}, {'; '.join(titles)}: {reason}" for (name, reason), titles in reasons.items()
    ]
    notes += [f"- {name} did not take part: {reason}" for name, reason in result.absent.items()]
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    machine = ", ".join(f"{name} {value}" for name, value in result.machine.items())
    rounds = f"{result.rounds} rounds of {result.seconds} s for each load"
    return [*notes, f"- {rounds}. {machine}. {versions}."]
