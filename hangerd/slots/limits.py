"""How much of anything strangers may hold, in all and for each client address.

Pure: counts and a clock that it is given. What exists is never taken away; over a limit the new
request is refused. A client is a string; the web side decides what it stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hangerd.quantities import Count, Seconds, Size
from hangerd.slots.errors import ClientFull, Full, TooManyMisses


@dataclass(frozen=True)
class SlotLimits:
    """The numbers that bound the table; etc/hangerd.toml explains each."""

    ttl_open: Seconds = 3600.0
    ttl_written: Seconds = 300.0
    ttl_longest: Seconds = 21600.0
    ttl_ended: Seconds = 300.0
    lease: Seconds = 30.0
    grace: Seconds = 10.0
    doubt: Seconds = 0.25
    max_slots: Count = 400_000
    max_slots_per_client: Count = 100_000
    max_stored: Size = 256 * 1024**2
    max_stored_per_client: Size = 64 * 1024**2
    max_held: Count = 40_000
    max_held_per_client: Count = 12_000
    max_readers_per_slot: Count = 2048
    max_ended: Count = 10_000
    miss_budget: Count = 1000
    miss_refill: Seconds = 5.0


class Quota:
    """A countable thing with a limit in all and one for each client; `refused` counts refusals."""

    def __init__(self, name: str, limit: int, limit_per_client: int) -> None:
        self.name = name
        self._limit = limit
        self._limit_per_client = limit_per_client
        self.used = 0
        self.refused = 0
        self._by_client: dict[str, int] = {}

    def take(self, client: str, amount: int = 1) -> None:
        """Count `amount` in.

        Raises:
            Full: the daemon's limit would be passed.
            ClientFull: this client's limit would be passed.
        """
        if not amount:
            return
        held = self._by_client.get(client, 0) + amount
        if self.used + amount > self._limit:
            self.refused += 1
            raise Full(f"The server holds as many {self.name} as it may.", "Try again later.")
        if held > self._limit_per_client:
            self.refused += 1
            raise ClientFull(
                f"Your address holds as many {self.name} as it may.",
                "Finish or close what you began before, then try again.",
            )
        self.used += amount
        self._by_client[client] = held

    def give(self, client: str, amount: int = 1) -> None:
        """Count `amount` out again."""
        if not amount:
            return
        self.used -= amount
        held = self._by_client[client] - amount
        if held:
            self._by_client[client] = held
        else:
            del self._by_client[client]


class MissBudget:
    """A bucket of misses for each client, which fills up again with time.

    For slots it is spent by misses alone: what keeps their tokens from being guessed is 82 random
    bits, and a right one is always served. The budget keeps a guesser from costing more than a
    cheap answer. A sign-in spends before it looks, since its token may be of somebody's choice.
    `message` and `remedy` are what one hears whose budget is used up; `refused` counts who did.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        size: int,
        refill: float,
        message: str = "Your address asked for too many slots that do not exist.",
        remedy: str = "Ask only for tokens that open returned.",
    ) -> None:
        self._clock = clock
        self._size = size
        self._refill = refill
        self._message = message
        self._remedy = remedy
        self._spent: dict[str, tuple[float, float]] = {}
        self._prune_above = 1024
        self.refused = 0

    def __len__(self) -> int:
        return len(self._spent)

    def spend(self, client: str) -> None:
        """Count one miss.

        Raises:
            TooManyMisses: the client's budget is used up.
        """
        now = self._clock()
        spent = self._left_over(client, now) + 1
        if spent > self._size:
            self.refused += 1
            retry_after = max(1, round(1 / self._refill))
            raise TooManyMisses(self._message, self._remedy, retry_after=retry_after)
        self._spent[client] = (spent, now)
        if len(self._spent) > self._prune_above:
            self._prune(now)

    def forgive(self, client: str) -> None:
        """Fill a client's bucket again: it has shown that it is no guesser."""
        self._spent.pop(client, None)

    def _left_over(self, client: str, now: float) -> float:
        spent, at = self._spent.get(client, (0.0, now))
        return max(0.0, spent - (now - at) * self._refill)

    def _prune(self, now: float) -> None:
        """Drop who has a full bucket again; look again when twice as many are left."""
        self._spent = {
            client: entry for client, entry in self._spent.items() if self._left_over(client, now)
        }
        self._prune_above = max(1024, 2 * len(self._spent))
