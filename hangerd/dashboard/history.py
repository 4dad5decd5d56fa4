"""The numbers of the last minutes, as series of equal steps, for the plots.

Pure: it is given a set of numbers at each step. A series that is missing in a step has no value
there; one that has been missing all along is forgotten, so there are no more than were shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

Number = float | None


class History:
    """At most `steps` values of each series; `count` is how many steps there were in all."""

    def __init__(self, steps: int) -> None:
        self._steps: deque[dict[str, Number]] = deque(maxlen=steps)
        self.count = 0

    def add(self, values: Mapping[str, Number]) -> bool:
        """Add a step; True if it differs from the one before."""
        step = dict(values)
        differs = not self._steps or self._steps[-1] != step
        self._steps.append(step)
        self.count += 1
        return differs

    @property
    def last(self) -> Mapping[str, Number]:
        """The values of the last step."""
        return self._steps[-1] if self._steps else {}

    def series(self) -> dict[str, list[Number]]:
        """All series, the oldest step first, each of the same length."""
        names = sorted({name for step in self._steps for name in step})
        return {name: [step.get(name) for step in self._steps] for name in names}
