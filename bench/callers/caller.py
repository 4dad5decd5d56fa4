"""What every caller can do. Stdlib only: it is imported in the peers' Pythons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

Where = dict[str, Any]
"""How a caller finds its server: what JSON can say."""


class Unable(Exception):
    """This way of calling has no such thing, for a reason."""


class Caller(Protocol):
    """One client. `data` is what JSON can say, `timeout` in seconds."""

    def call(self, function: str, data: dict[str, Any], timeout: float | None = None) -> str:
        """Give what the function gives. Raises TimeoutError."""

    def stream(self, function: str, data: dict[str, Any]) -> Iterator[Any]:
        """Give what the generator gives, as it comes. Raises Unable."""

    def rest(self) -> None:
        """Let the server's process end, so that the next call is a cold one. Raises Unable."""
