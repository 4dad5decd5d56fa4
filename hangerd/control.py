"""The control token as it is now: who brings it may control the daemon, until it is changed.

Pure: it knows no file. Compares in constant time. A wrong token has whoever follows the file look
at it first, so that a new one counts from the moment in which it is written.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable


class ControlSecret:
    """The token; all that ask for it share one of these."""

    def __init__(self, text: str) -> None:
        self._bytes = text.encode()
        self._look: Callable[[], None] = lambda: None
        self._changed: list[Callable[[], None]] = []

    @property
    def value(self) -> bytes:
        """Return the token."""
        return self._bytes

    def looking(self, look: Callable[[], None]) -> None:
        """Have `look` called for a wrong token; it calls `change` if there is another by now."""
        self._look = look

    def is_token(self, given: bytes) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(given, self._bytes) or self.is_newer(
            lambda: hmac.compare_digest(given, self._bytes)
        )

    def is_newer(self, good: Callable[[], bool]) -> bool:
        """Look for another token; whether there is one, and `good` says yes to it."""
        before = self._bytes
        self._look()
        return self._bytes is not before and good()

    def change(self, text: str) -> None:
        """Let another token count, and the one before for nothing."""
        if text.encode() == self._bytes:
            return
        self._bytes = text.encode()
        for each in [*self._changed]:
            each()

    def when_changed(self, do: Callable[[], None]) -> Callable[[], None]:
        """Have something done after each change; return what ends that."""
        self._changed.append(do)
        return lambda: self._changed.remove(do)
