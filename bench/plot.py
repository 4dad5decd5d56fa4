"""A suite's ratios as an SVG: one bar for each measure and peer, on a logarithmic scale.

A bar to the right of the line at 1 is how many times better hangerd is, to the left how many times
worse. Bars of what is noise are pale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from bench.figures import is_noise
from bench.results import Row, SuiteResult
from bench.table import number

_COLOURS: Final = ("#3567a8", "#c06c2b", "#4b8a4f", "#8a5a9e", "#7a7a7a", "#b3445a")
_TEXT, _BARS, _LINE, _TOP = 330, 420, 18, 46
_LIMIT: Final = 1000.0
"""Ratios beyond this, or below its inverse, are drawn at the edge; their number is told."""


@dataclass(frozen=True)
class Bar:
    """How many times better hangerd is than a peer, in one measure."""

    title: str
    peer: str
    ratio: float
    noise: bool


def bars(result: SuiteResult) -> list[Bar]:
    """Give all ratios of a suite, in the table's order."""
    ours = result.contestants[0]
    return [
        _bar(row, ours, peer)
        for row in result.rows
        for peer in result.peers
        if {ours, peer} <= row.figures.keys()
    ]


def _bar(row: Row, ours: str, peer: str) -> Bar:
    noise = is_noise(row.figures[ours]) or is_noise(row.figures[peer])
    return Bar(row.measure.title, peer, row.advantage(ours, peer), noise)


def plot(result: SuiteResult) -> str:
    """Give an SVG document."""
    drawn = bars(result)
    peers = result.peers
    reach = _reach(drawn)
    height = _TOP + _LINE * len(drawn) + 10
    width = _TEXT + _BARS + 80
    middle = _TEXT + _BARS / 2
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="8" y="16" font-size="13">{escape(result.name)}: how many times better '
        "hangerd is (logarithmic; pale: noise)</text>",
        *(_legend(place, peer) for place, peer in enumerate(peers)),
        *(
            _drawn(place, bar, _COLOURS[peers.index(bar.peer) % len(_COLOURS)], reach)
            for place, bar in enumerate(drawn)
        ),
        f'<line x1="{middle}" x2="{middle}" y1="{_TOP - 6}" y2="{height - 4}" stroke="#222"/>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _reach(drawn: list[Bar]) -> float:
    """Give the decades on each side of 1, at least one."""
    return max([1.0, *(abs(_decades(bar.ratio)) for bar in drawn)])


def _decades(ratio: float) -> float:
    return math.log10(min(max(ratio, 1 / _LIMIT), _LIMIT))


def _legend(place: int, peer: str) -> str:
    x, colour = 8 + place * 130, _COLOURS[place % len(_COLOURS)]
    return (
        f'<rect x="{x}" y="24" width="10" height="10" fill="{colour}"/>'
        f'<text x="{x + 14}" y="33">beside {escape(peer)}</text>'
    )


def _drawn(place: int, bar: Bar, colour: str, reach: float) -> str:
    y, middle = _TOP + place * _LINE, _TEXT + _BARS / 2
    length = _decades(bar.ratio) / reach * _BARS / 2
    x, end = min(middle, middle + length), max(middle, middle + length)
    opacity = 0.4 if bar.noise else 1
    return (
        f'<text x="{_TEXT - 6}" y="{y + 11}" text-anchor="end">{escape(bar.title)}</text>'
        f'<rect x="{x:.1f}" y="{y + 2}" width="{max(1, abs(length)):.1f}" height="{_LINE - 6}" '
        f'fill="{colour}" fill-opacity="{opacity}"/>'
        f'<text x="{end + 5:.1f}" y="{y + 11}">{number(bar.ratio)}</text>'
    )
