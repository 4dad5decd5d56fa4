"""The arithmetic of rounds: medians, percentiles, spreads, ratios, and what is noise.

Pure. A figure is what one round gave; figures of one measure share a unit.
Rounds disagree when their spread is more than NOISE of their median.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Final

NOISE: Final = 0.15
"""The spread, as a part of the median, beyond which a number is called noise."""


def median(figures: Sequence[float]) -> float:
    """Give the middle one. Raises StatisticsError for none."""
    return statistics.median(figures)


def percentile(figures: Sequence[float], percent: float) -> float:
    """Give the smallest figure that `percent` of all are not above (nearest rank).

    Raises ValueError for no figures.
    """
    if not figures:
        raise ValueError("a percentile of no figures")
    rank = max(1, math.ceil(len(figures) * percent / 100))
    return sorted(figures)[rank - 1]


def spread(figures: Sequence[float]) -> float:
    """Give how far rounds lie apart: half of largest less smallest, as a part of the median.

    Half: 0.15 is a round 15 % above the middle of all and another 15 % below. Zero for one round.
    """
    width = (max(figures) - min(figures)) / 2
    if not width:
        return 0.0
    middle = abs(median(figures))
    return width / middle if middle else math.inf


def is_noise(figures: Sequence[float]) -> bool:
    """Whether rounds disagree too much for their median to be believed."""
    return spread(figures) > NOISE


def advantage(ours: float, theirs: float, *, higher: bool) -> float:
    """Give how many times better ours is, where `higher` is better or lower is.

    2.0 is twice as many a second, or half the time. Nothing at all where less is better is
    infinitely good.
    """
    better, worse = (ours, theirs) if higher else (theirs, ours)
    if worse:
        return better / worse
    return 1.0 if not better else math.inf
