"""When to start a host again: a policy, and the history that it judges.

It knows no clock: the caller says how many seconds have passed. Delays double, and chance shortens
them but never lengthens them, so that the first restart comes within `delay` seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

RestartMode = Literal["never", "on-failure", "always"]


@dataclass(frozen=True, slots=True)
class Exit:
    """How a program ended: by a status, by a signal, or not even begun (`error`)."""

    status: int | None = None
    signal: int | None = None
    error: str = ""

    @property
    def clean(self) -> bool:
        """Return whether it ended by itself with status 0."""
        return self.status == 0 and not self.error

    def __str__(self) -> str:
        if self.error:
            return self.error
        return f"signal {self.signal}" if self.signal is not None else f"status {self.status}"


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """Times in seconds. More than `max_restarts` within `window` is given up."""

    mode: RestartMode = "on-failure"
    max_restarts: int = 5
    window: float = 60.0
    stable_time: float = 10.0
    delay: float = 0.1
    max_delay: float = 30.0
    jitter: float = 0.5


@dataclass(frozen=True, slots=True)
class Rest:
    """It stays stopped."""


@dataclass(frozen=True, slots=True)
class Retry:
    """It is started again after `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It has ended too often."""

    reason: str


@dataclass(slots=True)
class History:
    """What has happened to one instance after the other; answers what to do after the next exit."""

    policy: RestartPolicy
    random: Callable[[], float]
    _in_a_row: int = 0
    _ends: deque[float] = field(default_factory=deque)

    def ended(self, how: Exit, now: float, ready_for: float) -> Rest | Retry | GiveUp:
        """Judge an exit that nobody asked for; `ready_for` seconds it had been ready."""
        policy = self.policy
        if policy.mode == "never" or (policy.mode == "on-failure" and how.clean):
            return Rest()
        if ready_for >= policy.stable_time:
            self._in_a_row = 0
        self._ends.append(now)
        while self._ends[0] <= now - policy.window:
            self._ends.popleft()
        if len(self._ends) > policy.max_restarts:
            return GiveUp(f"ended {len(self._ends)} times in {policy.window:g} s, last: {how}")
        delay = min(policy.delay * 2.0 ** min(self._in_a_row, 64), policy.max_delay)
        self._in_a_row += 1
        return Retry(delay * (1 - policy.jitter * self.random()))

    def forget(self) -> None:
        """Begin anew, as after a reset by the operator."""
        self._in_a_row = 0
        self._ends.clear()
