"""What has changed in a picture, which is a mapping of keys to plain values.

Pure: it compares what it is given with what it was given before.
A change is two parts: the keys that are new or have another value, and those that are gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Change(NamedTuple):
    """What turns a picture into the next one; false when they are the same."""

    changed: dict[str, Any]
    gone: list[str]

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)


def change(before: Mapping[str, Any], now: Mapping[str, Any]) -> Change:
    """Compare two pictures."""
    changed = {
        key: value for key, value in now.items() if key not in before or before[key] != value
    }
    return Change(changed, [key for key in before if key not in now])
