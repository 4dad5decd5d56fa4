"""A request and its answer as values: what the functions behind two roads are given, and give.

A Klein route and the direct road (`direct.py`) call the same functions with these, so that a
request gets the same answer by both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from hangerd.web.target import parse_query

TEXT = b"text/plain; charset=utf-8"
JSON = b"application/json"
# The values of a header by its name, in HTTP's usual capitals; None where it is absent.
HeaderLines = Callable[[bytes], Sequence[bytes] | None]


class Headed(Protocol):
    """What has a request's method and headers: one of Twisted's requests, or a plain one."""

    method: bytes

    def getHeader(self, name: bytes, /) -> bytes | None:
        """Give a header's last value, None where it is absent."""
        ...


class PlainRequest:
    """A request that was received whole, without its transport.

    Attributes:
        method: such as b"POST".
        lines: its headers.
        read: gives the body.
        client: who asks, as `Clients` tells it.
    """

    __slots__ = ("_query", "_target", "client", "lines", "method", "read")

    def __init__(
        self,
        method: bytes,
        target: bytes,
        lines: HeaderLines,
        read: Callable[[], bytes],
        client: str,
    ) -> None:
        self.method = method
        self.lines = lines
        self.read = read
        self.client = client
        self._target = target
        self._query: dict[str, list[str]] | None = None

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the target's query; `hangerd.web.query` reads them."""
        if self._query is None:
            self._query = parse_query(self._target)
        return self._query

    def getHeader(self, name: bytes, /) -> bytes | None:
        """See `Headed`."""
        lines = self.lines(name)
        return lines[-1] if lines else None


class Answer(NamedTuple):
    """A whole answer. One of 204 has neither type nor length.

    `headers` have HTTP's usual capitals. `settled(lost)` is called once when it is known whether
    the answer arrived.
    """

    status: int
    body: bytes = b""
    content_type: bytes = TEXT
    headers: Sequence[tuple[bytes, bytes]] = ()
    settled: Callable[[bool], None] | None = None
