"""When an instance has served long enough: calls, age, or memory that stays above its limit."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

from hangerd.hosts.instance import Instance

SAMPLES: Final = 5
TOO_MANY: Final = 3
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def read_memory(pid: int) -> int:
    """Return the resident memory of a process in bytes; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 - read twice a second
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


class Recycling:
    """Remembers the last samples of each instance: a short peak is no reason."""

    def __init__(self, memory: Callable[[int], int] = read_memory) -> None:
        self._memory = memory
        self._over: WeakKeyDictionary[Instance, deque[bool]] = WeakKeyDictionary()

    def memory(self, instance: Instance) -> int:
        """Return its resident memory in bytes."""
        return 0 if instance.pid is None else self._memory(instance.pid)

    def reason(self, instance: Instance, now: float) -> str:
        """Return why another one should take over, or nothing. To be asked at regular times."""
        spec = instance.spec
        calls = instance.calls + instance.direct_calls
        if spec.recycle_calls and calls >= spec.recycle_calls:
            return f"it has served {calls} calls"
        if spec.recycle_age and now - instance.started >= spec.recycle_age:
            return f"it is {now - instance.started:.0f} s old"
        if spec.memory_limit and self._is_heavy(instance):
            return f"it uses more than {spec.memory_limit} bytes"
        return ""

    def _is_heavy(self, instance: Instance) -> bool:
        samples = self._over.setdefault(instance, deque(maxlen=SAMPLES))
        samples.append(self.memory(instance) > instance.spec.memory_limit)
        return sum(samples) >= TOO_MANY
