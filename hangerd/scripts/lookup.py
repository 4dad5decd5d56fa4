"""What the path rules ask of a file system: the questions, without one who answers them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Protocol


class Kind(Enum):
    """What stands at a path. Sockets, pipes and devices count as nothing."""

    FILE = auto()
    FOLDER = auto()
    NOTHING = auto()


class Lookup(Protocol):
    """The questions that the path rules ask."""

    def real_path(self, path: str) -> str:
        """Resolve every symbolic link in an absolute path, whether it exists or not."""
        ...

    def kind(self, path: str) -> Kind:
        """Say what is at this path, links followed; never raises."""
        ...

    def leads_straight(self, steps: Sequence[str]) -> bool:
        """Say whether these paths are folders, the last a file, and none a link; never raises."""
        ...
