"""A slot for programs that block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hangerd.client.running import run

if TYPE_CHECKING:
    from hangerd.client.slots import SlotCore, Value


class Slot:
    """A place for one value: who has `write_token` may write it, who has `read_token` read it."""

    def __init__(self, core: SlotCore) -> None:
        self._core = core
        self.read_token = core.read_token
        self.write_token = core.write_token

    def write(self, value: Value, *, replace: bool = False, wait: float = 0.0) -> bool:
        """Put a value in; True when its reader has said within `wait` seconds that it came.

        Raises SlotClosed; Refused when there is a value already, which `replace` gives up.
        """
        return run(self._core.write(value, replace=replace, wait=wait))

    def read(self, timeout: float | None = None) -> Value:
        """Wait for a value, and take it: what was written as text is one.

        Raises SlotClosed, whose `reason` tells eof from interrupt and cancel; TimeoutError.
        """
        return run(self._core.read(timeout))

    def close(self, reason: str = "cancel") -> None:
        """End the slot: "eof", "interrupt" or "cancel". One that has ended is no error."""
        run(self._core.close(reason))

    def state(self) -> dict[str, Any]:
        """Return its state, how many readers wait, and how long it lives, in seconds."""
        return run(self._core.state())
