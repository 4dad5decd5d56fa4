"""What a slot refuses, and why: one exception for each answer that a caller must tell apart."""

from __future__ import annotations

from typing import ClassVar

from hangerd.errors import HangerdError


class SlotError(HangerdError):
    """The base of all that the slot table refuses."""

    code: ClassVar[str] = "slot_error"


class UnknownSlot(SlotError):
    """No slot answers to this token: never opened, used up, or long ended."""

    code = "unknown_slot"

    def __init__(self) -> None:
        super().__init__(
            "There is no slot with this token; it may have been read, closed or expired.",
            "Open a new slot.",
        )


class WrongToken(SlotError):
    """The token is for the other side of the slot."""

    code = "wrong_token"

    def __init__(self, needed: str) -> None:
        super().__init__(
            f"This token may not do that: it takes the slot's {needed} token.",
            f"Use the {needed} token that open returned.",
        )


class AlreadyWritten(SlotError):
    """The slot holds a value that nobody has read; a second one would replace it silently."""

    code = "already_written"

    def __init__(self, *, leased: bool = False) -> None:
        super().__init__(
            "The slot already holds a value" + (", and a reader has it." if leased else "."),
            "Open another slot." if leased else "Open another slot, or write with ?replace.",
        )


class TooManyReaders(SlotError):
    """As many reads wait on this one slot as may."""

    code = "too_many_readers"

    def __init__(self) -> None:
        super().__init__(
            "Too many readers wait on this slot already.",
            "Read a slot from one place; open one slot for each input.",
        )


class LeaseEnded(SlotError):
    """The lease lapsed and somebody else has read since, or it never was."""

    code = "lease_ended"

    def __init__(self) -> None:
        super().__init__(
            "This lease is none, or somebody has read the value again since.",
            "Read again, and acknowledge the lease which that read returns.",
        )


class SlotEnded(SlotError):
    """The slot was closed, acknowledged or left to expire: its state is in `state` and `reason`."""

    code = "slot_ended"

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(f"The slot has ended ({reason}).", "Open a new slot.")
        self.state = state
        self.reason = reason


class Refused(SlotError):
    """A limit was reached. Nothing that exists is touched; try again in `retry_after` seconds."""

    code = "limit_reached"

    def __init__(self, message: str, remedy: str, *, retry_after: int = 10) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after


class Full(Refused):
    """A limit of the whole daemon was reached."""

    code = "full"


class ClientFull(Refused):
    """A limit of one client address was reached."""

    code = "client_limit"


class TooManyMisses(Refused):
    """One client asked for too many slots that do not exist, or gave wrong tokens too often."""

    code = "too_many_misses"


class ShuttingDown(Refused):
    """The daemon stops; another will soon take its place."""

    code = "shutting_down"

    def __init__(self) -> None:
        super().__init__("The server is stopping.", "Try again in a moment.", retry_after=2)
