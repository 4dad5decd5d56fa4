"""The records of the slot table: slots, those who wait on them, and what they are told.

Pure. They hold facts and decide nothing; `table.py` keeps the rules.
A value never changes once it is written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hangerd.deadlines import Entry
from hangerd.slots.errors import SlotError


class State(StrEnum):
    """Where a slot's value is."""

    OPEN = "open"
    STORED = "stored"
    LEASED = "leased"
    ACKED = "acked"
    CLOSED = "closed"
    EXPIRED = "expired"


class Reason(StrEnum):
    """Why a slot was closed. An empty line is none of these: it is a value."""

    EOF = "eof"
    INTERRUPT = "interrupt"
    CANCEL = "cancel"


class Value(NamedTuple):
    """What was written: the exact bytes, and the content type they were written with."""

    data: bytes
    content_type: str = ""


class Opened(NamedTuple):
    """The answer to an open; in the legacy protocol both tokens are one. `ttl` is in seconds."""

    read: str
    write: str
    ttl: float


@dataclass(frozen=True, slots=True)
class Pending:
    """The wait ended before the slot did, and this is how it stands."""

    state: State


@dataclass(eq=False, slots=True)
class Delivery:
    """A value on its way to one reader.

    `lease` is "" in the legacy protocol, where the value is used up unless its connection is lost.
    `seconds` is how long the lease holds; `woke` is when (by the clock) it ended a wait.
    """

    slot: Slot
    value: Value
    lease: str
    seconds: float
    woke: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A slot seen from outside, without its value. `ttl`: seconds; None while someone waits."""

    state: State
    readers: int
    ttl: float | None
    reason: str = ""


Outcome = Delivery | Pending | SlotError
Tell = Callable[[Outcome], None]


class Waiter:
    """Somebody who waits on a slot, until `tell` is called once with the outcome."""

    __slots__ = ("client", "entry", "slot", "tell")

    def __init__(self, slot: Slot, client: str, tell: Tell) -> None:
        self.slot = slot
        self.client = client
        self.tell = tell
        self.entry: Entry | None = None


class Slot:
    """One rendezvous: at most one value, and those who wait for it or for its end."""

    __slots__ = (
        "client",
        "delivery",
        "entry",
        "lease",
        "legacy",
        "payer",
        "read_token",
        "readers",
        "state",
        "ttl",
        "value",
        "watchers",
        "write_token",
    )

    def __init__(self, opened: Opened, client: str) -> None:
        self.read_token = opened.read
        self.write_token = opened.write
        # Whether one token does all, and reading uses the value up.
        self.legacy = opened.read == opened.write
        self.ttl = opened.ttl
        self.client = client
        self.state = State.OPEN
        self.value: Value | None = None
        # The client whose share of the stored bytes the value takes.
        self.payer = ""
        self.delivery: Delivery | None = None
        # The value's last lease. Also when it has lapsed, until somebody else reads, its holder may
        # still say that he has the value.
        self.lease = ""
        # Made when somebody waits: most slots never have two of either.
        self.readers: deque[Waiter] | None = None
        self.watchers: deque[Waiter] | None = None
        self.entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What is remembered of a slot for a short time after its end."""

    state: State
    reason: str
    lease: str
    read_token: str
    write_token: str
    until: float
