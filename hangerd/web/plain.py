"""A request and its answer as values: what the functions behind two roads are given, and give.

A Klein route and the direct road (`direct.py`) call the same functions with these, so that a
request gets the same answer by both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
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


class PlainRequest(ABC):
    """A request that was received whole, by whichever road.

    Attributes:
        method: such as b"POST".
        uri: the target, with its query.
        lines: its headers.
        client: who asks, as `Clients` tells it.
        query: the parameters of its target's query; `hangerd.web.query` reads them.
    """

    __slots__ = ("client", "lines", "method", "query", "uri")

    def __init__(self, method: bytes, uri: bytes, lines: HeaderLines, client: str) -> None:
        self.method = method
        self.uri = uri
        self.lines = lines
        self.client = client
        self.query = parse_query(uri) if b"?" in uri else {}

    @abstractmethod
    def read(self) -> bytes:
        """Give the body. To be called once."""

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
