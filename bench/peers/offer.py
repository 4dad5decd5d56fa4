"""A peer that can be had: installed when it is needed, and named when that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bench.contest import Contestant, NotMeasured

T = TypeVar("T")


@dataclass(frozen=True)
class Offer(Generic[T]):
    """`make` installs a peer and gives it as contestants; it raises NotMeasured."""

    name: str
    make: Callable[[], Sequence[Contestant[T]]]


def gather(
    offers: Sequence[Offer[T]], wanted: Sequence[str]
) -> tuple[list[Contestant[T]], Mapping[str, str]]:
    """Give the peers that are there, and why the others are not; `wanted` empty is all."""
    there: list[Contestant[T]] = []
    absent: dict[str, str] = {}
    for offer in offers:
        if wanted and offer.name not in wanted:
            absent[offer.name] = "it was left out by --peers"
            continue
        try:
            there += offer.make()
        except NotMeasured as reason:
            absent[offer.name] = str(reason)
    return there, absent
